// SPDX-License-Identifier: Apache-2.0
#include "host/table.hpp"

#include "host/text.hpp"

#include <algorithm>
#include <numeric>
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

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width(columns_[i].header);
    for (const auto& row : rows_) widest = std::max(widest, width(row[i]));
    widths.push_back(widest);
  }
  return widths;
}

std::string Table::text() const {
  const std::vector<std::size_t> widths = this->widths();
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of(i);
      const std::string padding(widths[i] - width(cell), ' ');
      if (i > 0) text.append(kGap, ' ');
      text += columns_[i].align == Align::kRight ? padding + cell : cell + padding;
    }
    text.resize(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  const bool headed = std::any_of(columns_.begin(), columns_.end(),
                                  [](const Column& column) { return !column.header.empty(); });
  if (headed) line([this](std::size_t i) -> const std::string& { return columns_[i].header; });
  for (const auto& row : rows_)
    line([&row](std::size_t i) -> const std::string& { return row[i]; });
  return out;
}

// ---- tables that fit -----------------------------------------------------------------------------

// Takes those columns away whose cells are all the same.
std::string Table::constants(Indices& shown, std::size_t width_max) const {
  std::string text;
  if (rows_.size() < 2) return text;
  std::erase_if(shown, [&](std::size_t i) {
    if (columns_[i].role == Role::kKey || columns_[i].header.empty()) return false;
    const auto same = [&](const auto& row) { return row[i] == rows_.front()[i]; };
    if (!std::all_of(rows_.begin(), rows_.end(), same)) return false;
    if (rows_.front()[i] == "-") return true;  // nowhere anything
    text += (text.empty() ? "all have " : ", ") + columns_[i].header + " " + rows_.front()[i];
    return true;
  });
  return text.empty() ? "" : folded(text, width_max) + "\n";
}

std::string Table::lines(const Indices& shown, std::size_t width_max) const {
  const std::vector<std::size_t> widest = widths();
  std::size_t before = 0;
  for (std::size_t k = 0; k + 1 < shown.size(); ++k) before += widest[shown[k]] + kGap;
  const std::size_t last = std::min(
      widest[shown.back()], std::max(width_max > before ? width_max - before : 0, kLastMin));
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t k = 0; k + 1 < shown.size(); ++k) {
      const std::string& cell = cell_of(shown[k]);
      const std::string padding(widest[shown[k]] - width(cell), ' ');
      text += columns_[shown[k]].align == Align::kRight ? padding + cell : cell + padding;
      text.append(kGap, ' ');
    }
    const std::string& end = cell_of(shown.back());
    if (width(end) < last && columns_[shown.back()].align == Align::kRight) {
      text.append(last - width(end), ' ');
    }
    // Lines of the last column stand below one another.
    const std::string folded_end = folded(end, last);
    for (const char c : folded_end) {
      text += c;
      if (c == '\n') text.append(before, ' ');
    }
    text.resize(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  line([this](std::size_t i) -> const std::string& { return columns_[i].header; });
  for (const auto& row : rows_)
    line([&row](std::size_t i) -> const std::string& { return row[i]; });
  return out;
}

std::string Table::blocks(const Indices& shown, std::size_t width_max) const {
  std::size_t names = 0;
  for (const std::size_t i : shown) names = std::max(names, width(columns_[i].header));
  std::string out;
  for (const auto& row : rows_) {
    if (!out.empty()) out += '\n';
    for (const std::size_t i : shown) {
      if (row[i] == "-") continue;
      const bool first = i == shown.front();
      const std::string name = columns_[i].header;
      std::string head = (first ? "" : "  ") + name;
      head.append(names > width(name) ? names - width(name) : 0, ' ');
      head.append(first ? kGap + 2 : kGap, ' ');
      const std::size_t room =
          std::max(width_max > width(head) ? width_max - width(head) : 0, kLastMin);
      for (const char c : folded(row[i], room)) {
        head += c;
        if (c == '\n') head.append(names + kGap + 2, ' ');
      }
      out += head + '\n';
    }
  }
  return out;
}

std::string Table::fitted(std::size_t width_max) const {
  if (width_max == 0 || columns_.empty()) return text();
  Indices shown(columns_.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  std::string out = constants(shown, width_max);
  const std::vector<std::size_t> widest = widths();
  const auto fits = [&](std::size_t last) {
    std::size_t sum = std::min(widest[shown.back()], last);
    for (std::size_t k = 0; k + 1 < shown.size(); ++k) sum += widest[shown[k]] + kGap;
    return sum <= width_max;
  };
  if (shown.empty()) return out;
  std::string spare;
  if (!fits(width_max)) {
    std::erase_if(shown, [&](std::size_t i) {
      if (columns_[i].role != Role::kSpare) return false;
      spare += (spare.empty() ? "left out for want of width: " : ", ") + columns_[i].header;
      return true;
    });
  }
  out += fits(kLastMin) ? lines(shown, width_max) : blocks(shown, width_max);
  return spare.empty() ? out : out + "(" + spare + ")\n";
}

}  // namespace dodona::host
