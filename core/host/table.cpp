// SPDX-License-Identifier: Apache-2.0
#include "host/table.hpp"

#include "host/text.hpp"

#include <algorithm>
#include <utility>

namespace dodona::host {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLastMin = 20;

}  // namespace

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) {
    if (cell.empty()) cell = "-";
  }
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t width_max) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width(columns_[i].header);
    for (const auto& row : rows_) widest = std::max(widest, width(row[i]));
    widths.push_back(widest);
  }
  if (width_max == 0 || widths.empty()) return widths;
  std::size_t before = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) before += widths[i] + kGap;
  const std::size_t room = width_max > before ? width_max - before : 0;
  widths.back() = std::min(widths.back(), std::max(room, kLastMin));
  return widths;
}

std::string Table::text(std::size_t width_max) const {
  const std::vector<std::size_t> widths = this->widths(width_max);
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cut(cell_of(i), widths[i]);
      const std::string padding(widths[i] - width(cell), ' ');
      if (i > 0) text.append(kGap, ' ');
      text += columns_[i].align == Align::kRight ? padding + cell : cell + padding;
    }
    text.resize(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  const bool headed = std::any_of(columns_.begin(), columns_.end(),
                                  [](const Column& column) { return !column.header.empty(); });
  if (headed) line([this](std::size_t i) { return columns_[i].header; });
  for (const auto& row : rows_) line([&row](std::size_t i) { return row[i]; });
  return out;
}

}  // namespace dodona::host
