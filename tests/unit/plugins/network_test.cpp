// SPDX-License-Identifier: Apache-2.0
#include "support/error_of.hpp"

#include <dodona/train/network.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using dodona::train::Activation;
using dodona::train::Margin;
using dodona::train::Network;
using dodona::train::Op;
using dodona::train::Padding;
using dodona::train::Pool;
using dodona::train::Shape;
using Id = Network::Id;

const Shape kImage{3, 32, 31};

template <class Action>
std::string error_of(Action&& action) {
  return dodona::support::error_of(DODONA_E_INVALID, action);
}

bool operator==(const Margin& a, const Margin& b) {
  return a.top == b.top && a.bottom == b.bottom && a.left == b.left && a.right == b.right;
}

TEST(Network, PadsAsKerasDoes) {
  Network net(kImage);
  const Id x = net.conv(Network::input(), {.filters = 8, .kernel = 3, .stride = 2});
  EXPECT_EQ(net.shape(x), (Shape{8, 16, 16}));
  // The odd row of the margin goes after the image, not before it.
  EXPECT_TRUE(net.layers()[x].margin == (Margin{.top = 0, .bottom = 1, .left = 1, .right = 1}));
  const Id valid = net.conv(Network::input(),
                            {.filters = 8, .kernel = 3, .stride = 2, .padding = Padding::kValid});
  EXPECT_EQ(net.shape(valid), (Shape{8, 15, 15}));
  EXPECT_EQ(net.shape(net.pool(x, Pool::kMax, 3, 2, Padding::kSame)), (Shape{8, 8, 8}));
  EXPECT_EQ(net.shape(net.pad(x, 3)), (Shape{8, 22, 22}));
  EXPECT_EQ(net.shape(net.flatten(x)), (Shape{8 * 16 * 16, 1, 1}));
  EXPECT_EQ(net.shape(net.global_pool(x, Pool::kAverage)), (Shape{8, 1, 1}));
}

TEST(Network, CountsParameters) {
  Network conv(kImage);
  conv.conv(Network::input(), {.filters = 12, .kernel = 5, .groups = 3});
  EXPECT_EQ(conv.trainable_parameters(), 12 * (1 * 25 + 1));
  EXPECT_EQ(conv.products(), 12 * 32 * 31 * (1 * 25));
  Network separable(kImage);
  separable.separable_conv(Network::input(), {.filters = 8, .kernel = 3});
  EXPECT_EQ(separable.trainable_parameters(), 3 * 9 + 3 * 8 + 8);
  Network dense({4, 2, 2});
  const Id x = dense.batch_norm(dense.dense(Network::input(), {.units = 10}));
  dense.dropout(dense.activation(x, Activation::kRelu), 0.5);
  EXPECT_EQ(dense.trainable_parameters(), 16 * 10 + 10 + 20);
  EXPECT_EQ(dense.parameters(), 16 * 10 + 10 + 40);
  EXPECT_EQ(dense.products(), 16 * 10);
}

TEST(Network, NamesEachLayerByItsKindAndNumber) {
  Network net(kImage);
  const Id x = net.batch_norm(net.conv(Network::input(), {.filters = 3}));
  net.add(net.conv(x, {.filters = 3}), x);
  EXPECT_EQ(net.names(),
            (std::vector<std::string>{"input", "conv_1", "batch_norm_1", "conv_2", "add_1"}));
  EXPECT_EQ(net.parameters(x), 12);
  EXPECT_EQ(net.trainable_parameters(x), 6);
  EXPECT_EQ(net.parameters(Network::input()), 0);
}

TEST(Network, LeavesOutADropoutOfNothing) {
  Network net(kImage);
  EXPECT_EQ(net.dropout(Network::input(), 0), Network::input());
  EXPECT_EQ(net.alpha_dropout(Network::input(), 0), Network::input());
  EXPECT_EQ(net.layers()[net.alpha_dropout(Network::input(), 0.1)].op, Op::kAlphaDropout);
}

TEST(Network, RefusesWhatCannotBe) {
  Network net(kImage);
  const Id in = Network::input();
  EXPECT_EQ(error_of([&] { net.conv(in, {.filters = 0}); }),
            "filters 0 of a layer is not in 1 to 16777216");
  EXPECT_EQ(error_of([&] { net.conv(in, {.filters = 4, .groups = 2}); }),
            "groups 2 of a convolution does not divide its 3 channels and 4 filters");
  EXPECT_EQ(error_of([&] { net.conv(in, {.filters = 4, .stride = 0}); }),
            "stride 0 of a layer is not in 1 to 16777216");
  EXPECT_EQ(error_of([&] { net.pool(in, Pool::kMax, 33, 1, Padding::kValid); }),
            "a pooling window of 33 x 33 does not fit the 32 x 31 points that reach it");
  EXPECT_EQ(error_of([&] { net.pool(in, Pool::kAverage, 2, 2, Padding::kSame); }),
            "an average over a window of 2 at every 2. of 32 x 31 points has uneven margins");
  EXPECT_EQ(error_of([&] { net.dropout(in, 1); }),
            "dropout rate 1.000000 is not in 0 to 1, 1 excluded");
  const Id other = net.conv(in, {.filters = 4});
  EXPECT_EQ(error_of([&] { net.add(in, other); }), "a sum of 3 x 32 x 31 and 4 x 32 x 31 points");
  EXPECT_EQ(error_of([] {
              Network none({0, 1, 1});
            }),
            "channels 0 of a layer is not in 1 to 16777216");
}

// ---- a known network -------------------------------------------------------------------------

// The network of Chollet (2016), figure 5, as keras.applications.Xception has it.
class StandardXception {
 public:
  StandardXception() : net_({3, 299, 299}) {
    Id x = conv(Network::input(), 32, 3, 2, Padding::kValid);
    x = conv(relu(x), 64, 3, 1, Padding::kValid);
    x = block(relu(x), 128, 128, false);
    x = block(x, 256, 256, true);
    x = block(x, 728, 728, true);
    for (int i = 0; i < 8; ++i) x = net_.add(separable(separable(separable(x, 728), 728), 728), x);
    x = block(x, 728, 1024, true);
    x = relu(separable(x, 1536, false));
    x = relu(separable(x, 2048, false));
    net_.dense(net_.global_pool(x, Pool::kAverage), {.units = 1000});
  }
  const Network& net() const { return net_; }

 private:
  Id relu(Id x) { return net_.activation(x, Activation::kRelu); }
  Id conv(Id x, std::int64_t filters, std::int64_t kernel, std::int64_t stride, Padding padding) {
    return net_.batch_norm(net_.conv(x, {.filters = filters,
                                         .kernel = kernel,
                                         .stride = stride,
                                         .padding = padding,
                                         .bias = false}));
  }
  Id separable(Id x, std::int64_t filters, bool active = true) {
    x = active ? relu(x) : x;
    return net_.batch_norm(
        net_.separable_conv(x, {.filters = filters, .kernel = 3, .bias = false}));
  }
  Id block(Id x, std::int64_t first, std::int64_t second, bool active) {
    const Id around = conv(x, second, 1, 2, Padding::kSame);
    x = separable(separable(x, first, active), second);
    return net_.add(net_.pool(x, Pool::kMax, 3, 2, Padding::kSame), around);
  }

  Network net_;
};

TEST(Network, CountsWhatKerasCountsForXception) {
  const StandardXception xception;
  EXPECT_EQ(xception.net().parameters(), 22'910'480);
  EXPECT_EQ(xception.net().trainable_parameters(), 22'855'952);
}

}  // namespace
