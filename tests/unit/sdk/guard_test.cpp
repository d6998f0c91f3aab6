// SPDX-License-Identifier: Apache-2.0
#include <dodona/guard.hpp>

#include <gtest/gtest.h>

#include <array>
#include <new>
#include <stdexcept>
#include <string>

namespace dodona {
namespace {

// A caller's error with a buffer of `capacity` bytes, and a byte behind it that must stay.
struct SmallError {
  explicit SmallError(std::uint64_t capacity) {
    text.fill('#');
    raw = {DODONA_SIZE_TO(dodona_error, size), 77, text.data(), capacity, 99};
  }
  std::string message() const { return {text.data(), raw.size}; }
  std::array<char, 64> text{};
  dodona_error raw{};
};

TEST(Guard, AnswersOkOrTheStatusOfItsBody) {
  EXPECT_EQ(guard(nullptr, [] {}), DODONA_OK);
  EXPECT_EQ(guard(nullptr, []() -> dodona_status { return DODONA_E_WAIT; }), DODONA_E_WAIT);
}

TEST(Guard, TurnsEveryExceptionIntoAStatusWithText) {
  SmallError error(60);
  const auto thrown = [&](auto what) { return guard(&error.raw, [&] { throw what; }); };
  EXPECT_EQ(thrown(Error(DODONA_E_IO, "disk is full")), DODONA_E_IO);
  EXPECT_EQ(error.message(), "disk is full");
  EXPECT_EQ(error.raw.code, DODONA_E_IO);
  EXPECT_EQ(thrown(Cancelled()), DODONA_E_CANCELLED);
  EXPECT_EQ(thrown(std::bad_alloc()), DODONA_E_NO_MEMORY);
  EXPECT_EQ(thrown(std::runtime_error("boom")), DODONA_E_EXCEPTION);
  EXPECT_EQ(error.message(), "boom");
  EXPECT_EQ(thrown(42), DODONA_E_EXCEPTION);
  EXPECT_EQ(error.message(), "an exception that is not a std::exception");
}

TEST(Guard, NeverTurnsAnErrorIntoSuccess) {
  EXPECT_EQ(guard(nullptr, [] { throw Error(DODONA_OK, "odd"); }), DODONA_E_FAILED);
}

TEST(Guard, IsNoexceptWhateverItsBodyIs) {
  static_assert(noexcept(guard(nullptr, [] { throw 1; })));
}

TEST(FillError, CutsWhatDoesNotFit) {
  SmallError error(4);
  EXPECT_EQ(fill_error(&error.raw, DODONA_E_INVALID, "abcdef"), DODONA_E_INVALID);
  EXPECT_EQ(error.message(), "abcd");
  EXPECT_EQ(error.text[4], '#');
}

TEST(FillError, TakesNoBufferAndNoError) {
  dodona_error none{DODONA_SIZE_TO(dodona_error, size), 0, nullptr, 0, 5};
  EXPECT_EQ(fill_error(&none, DODONA_E_INVALID, "abc"), DODONA_E_INVALID);
  EXPECT_EQ(none.size, 0u);
  EXPECT_EQ(fill_error(nullptr, DODONA_E_STATE, "abc"), DODONA_E_STATE);
}

TEST(Call, ThrowsWhatTheOtherSideAnswers) {
  EXPECT_NO_THROW(call([](dodona_error*) { return DODONA_OK; }));
  try {
    call([](dodona_error* error) { return fill_error(error, DODONA_E_IO, "no disk"); });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_IO);
    EXPECT_STREQ(error.what(), "no disk");
  }
  EXPECT_THROW(call([](dodona_error*) { return DODONA_E_CANCELLED; }), Cancelled);
}

TEST(Call, DoesNotTrustTheSizeThatItIsTold) {
  try {
    call([](dodona_error* error) -> dodona_status {
      error->size = UINT64_MAX;
      std::fill_n(error->message, error->capacity, 'x');
      return DODONA_E_FAILED;
    });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), std::string(4096, 'x'));
  }
}

TEST(Exceptions, SurviveTheWayThereAndBack) {
  try {
    call([](dodona_error* error) {
      return guard(error, [] { throw Error(DODONA_E_INVALID, "lr: 3 is above 1"); });
    });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_INVALID);
    EXPECT_STREQ(error.what(), "lr: 3 is above 1");
  }
}

}  // namespace
}  // namespace dodona
