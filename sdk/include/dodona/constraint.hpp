// SPDX-License-Identifier: Apache-2.0
//
// Constraints between hyperparameters: an expression such as `units_0 >= units_1` or
// `optimizer == 'sgd' or momentum == 0`, read once and evaluated for any number of points.
//
//   or          a or b                      lowest precedence
//   and         a and b
//   not         not a
//   comparison  < <= > >= == !=             one at a time; texts, true and false with == and !=
//   sum         a + b, a - b
//   product     a * b, a / b, a % b         % has the sign of its left side
//   sign        -a
//   operand     12, 0.5, 1e-3, 'text', "text", true, false, name, `any name`, (a)
//
// A name is letters, digits and underscores, without a digit at first. Any other stands in back
// quotes, and so do the words and, or, not, true and false. A hyperparameter is a number (an
// integer, a float, a choice of numbers), a text (a choice of texts), or true or false (a boolean).
// All numbers are doubles.
//
// `and` and `or` leave out their right side where the left one decides. A result of the arithmetic
// that is not finite, as after a division by zero, breaks the constraint. A constraint holds where
// one of the hyperparameters that it names is not active, wherever the name stands in it.
//
// Space of space.hpp knows which definitions a name means; this file knows none.
//
// Errors:  Error{DODONA_E_INVALID}, which names the constraint and the column of the fault. Columns
//          count characters from 1.
// Threads: const functions from any thread.
// Cost:    reading: O(length). Evaluating: O(length), no allocation.
#pragma once

#include <dodona/error.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// The value of a hyperparameter to a constraint: a number, or a text, or 0 or 1 for false or true.
struct Operand {
  double number = 0.0;
  std::string_view text{};
  friend bool operator==(const Operand&, const Operand&) = default;
};

// The kind of a hyperparameter's values.
enum class OperandKind : std::uint8_t { kNumber = 1, kText, kTruth };

// The result of an evaluation. kNotFinite: the arithmetic has no finite result, which breaks the
// constraint too.
enum class Finding : std::uint8_t { kHolds = 1, kBroken, kNotFinite };

namespace detail {

// The steps of a stack machine.
enum class Op : std::uint8_t {
  kNumber = 1,  // pushes `number`
  kText,        // pushes the text between `begin` and `end`, without its quotes
  kName,        // pushes the value of name `index`
  kTruth,       // pushes `number`
  kNegate,
  kNot,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kAndSkip,  // goes to `index` if the top is false, else drops it
  kOrSkip,   // goes to `index` if the top is true, else drops it
  kAnd,      // the right side is the result; here for its kind alone
  kOr
};

// begin and end enclose its part of the text.
struct Step {
  Op op = Op::kNumber;
  std::uint32_t begin = 0, end = 0;
  std::uint32_t index = 0;
  double number = 0.0;
};

constexpr bool is_arithmetic(Op op) {
  return op >= Op::kAdd && op <= Op::kRemainder;
}
constexpr bool is_comparison(Op op) {
  return op >= Op::kLess && op <= Op::kNotEqual;
}

inline double compute(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return a + b;
    case Op::kSubtract:
      return a - b;
    case Op::kMultiply:
      return a * b;
    case Op::kDivide:
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

inline bool compare(Op op, const Operand& a, const Operand& b) {
  switch (op) {
    case Op::kLess:
      return a.number < b.number;
    case Op::kLessEqual:
      return a.number <= b.number;
    case Op::kGreater:
      return a.number > b.number;
    case Op::kGreaterEqual:
      return a.number >= b.number;
    case Op::kEqual:
      return a == b;
    default:
      return !(a == b);
  }
}

inline Error constraint_fault(std::string_view text, std::size_t offset, const std::string& what) {
  // A byte that goes on with a character of UTF-8 is no column.
  const auto column =
      1 + std::count_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset),
                        [](char c) { return (c & 0xC0) != 0x80; });
  return {DODONA_E_INVALID,
          "column " + std::to_string(column) + " of \"" + std::string(text) + "\": " + what};
}

enum class TokenKind : std::uint8_t { kEnd = 1, kNumber, kText, kName, kWord, kSign };

// kWord: and, or, not, true, false. kName, kText: begin and end enclose the quotes too.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::uint32_t begin = 0, end = 0;
  double number = 0.0;
};

// Cuts the text into tokens, one at a time.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
    const std::size_t begin = at_;
    if (at_ == text_.size()) return token(TokenKind::kEnd, begin);
    const char first = text_[at_];
    if (is_letter(first)) return word(begin);
    const bool fraction = first == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
    if (is_digit(first) || fraction) return number(begin);
    if (first == '\'' || first == '"' || first == '`') return quoted(begin, first);
    return sign(begin);
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  Token token(TokenKind kind, std::size_t begin) const {
    return {kind, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_), 0.0};
  }

  Token word(std::size_t begin) {
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    static constexpr std::array<std::string_view, 5> kWords = {"and", "or", "not", "true", "false"};
    const std::string_view found = text_.substr(begin, at_ - begin);
    const bool known = std::find(kWords.begin(), kWords.end(), found) != kWords.end();
    return token(known ? TokenKind::kWord : TokenKind::kName, begin);
  }

  Token number(std::size_t begin) {
    double value = 0.0;
    const auto [end, code] =
        std::from_chars(text_.data() + begin, text_.data() + text_.size(), value);
    if (code != std::errc() || !std::isfinite(value)) {
      throw constraint_fault(text_, begin, "the number is beyond what a double can hold");
    }
    at_ = static_cast<std::size_t>(end - text_.data());
    Token result = token(TokenKind::kNumber, begin);
    result.number = value;
    return result;
  }

  Token quoted(std::size_t begin, char quote) {
    const std::size_t end = text_.find(quote, begin + 1);
    if (end == text_.npos) {
      throw constraint_fault(text_, begin, std::string("the quote ") + quote + " is never closed");
    }
    if (quote == '`' && end == begin + 1) throw constraint_fault(text_, begin, "the name is empty");
    at_ = end + 1;
    return token(quote == '`' ? TokenKind::kName : TokenKind::kText, begin);
  }

  Token sign(std::size_t begin) {
    const std::string_view two = text_.substr(begin, 2);
    if (two == "<=" || two == ">=" || two == "==" || two == "!=") {
      at_ += 2;
      return token(TokenKind::kSign, begin);
    }
    if (two == "&&" || two == "||") {
      throw constraint_fault(text_, begin, two == "&&" ? "write and, not &&" : "write or, not ||");
    }
    const char first = text_[begin];
    if (first == '=') throw constraint_fault(text_, begin, "write ==, not =");
    if (first == '!') throw constraint_fault(text_, begin, "write not, not !");
    if (std::string_view("<>+-*/%()").find(first) == std::string_view::npos) {
      std::size_t end = begin + 1;
      while (end < text_.size() && (text_[end] & 0xC0) == 0x80) ++end;
      throw constraint_fault(text_, begin,
                             "the character " + std::string(text_.substr(begin, end - begin)) +
                                 " means nothing here; a name that is not a word stands in `back "
                                 "quotes`");
    }
    ++at_;
    return token(TokenKind::kSign, begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Writes the steps of an expression by recursive descent.
class ConstraintReader {
 public:
  ConstraintReader(std::string_view text, std::vector<Step>& steps, std::vector<std::string>& names)
      : text_(text), tokens_(text), steps_(steps), names_(names) {}

  void read() {
    take();
    if (token_.kind == TokenKind::kEnd) throw fault("the expression is empty");
    alternatives();
    if (is(")")) throw fault("the parenthesis was never opened");
    if (token_.kind != TokenKind::kEnd) throw fault("there is no operator before " + shown());
  }

 private:
  static constexpr int kNestedMax = 32;

  void take() {
    end_ = token_.end;
    token_ = tokens_.next();
  }
  std::string_view source() const { return text_.substr(token_.begin, token_.end - token_.begin); }
  bool is(std::string_view word) const {
    return (token_.kind == TokenKind::kSign || token_.kind == TokenKind::kWord) && source() == word;
  }
  std::string shown() const {
    return token_.kind == TokenKind::kEnd ? "the end" : std::string(source());
  }
  Error fault(const std::string& what) const { return constraint_fault(text_, token_.begin, what); }

  // Appends a step whose text begins at `begin` and ends with the last token that was taken.
  void emit(Op op, std::uint32_t begin, std::uint32_t index = 0, double number = 0.0) {
    steps_.push_back({op, begin, end_, index, number});
  }

  // The operator of the table that stands here.
  template <std::size_t n>
  std::optional<Op> operator_of(const std::array<std::pair<std::string_view, Op>, n>& table) const {
    for (const auto& [sign, op] : table) {
      if (is(sign)) return op;
    }
    return std::nullopt;
  }

  // Sides that stand between one word. The right ones are left out where the left one decides.
  template <class Side>
  void chain(std::string_view word, Op skip, Op join, const Side& side) {
    const std::uint32_t begin = token_.begin;
    side();
    while (is(word)) {
      const std::size_t jump = steps_.size();
      emit(skip, begin);
      take();
      side();
      emit(join, begin);
      steps_[jump].index = static_cast<std::uint32_t>(steps_.size());
    }
  }

  void alternatives() {
    chain("or", Op::kOrSkip, Op::kOr,
          [&] { chain("and", Op::kAndSkip, Op::kAnd, [&] { negation(); }); });
  }

  void negation() {
    const std::uint32_t begin = token_.begin;
    std::size_t nots = 0;
    for (; is("not"); ++nots) take();
    comparison();
    for (; nots > 0; --nots) emit(Op::kNot, begin);
  }

  void comparison() {
    static constexpr std::array<std::pair<std::string_view, Op>, 6> kOps = {
        {{"<", Op::kLess},
         {"<=", Op::kLessEqual},
         {">", Op::kGreater},
         {">=", Op::kGreaterEqual},
         {"==", Op::kEqual},
         {"!=", Op::kNotEqual}}};
    const std::uint32_t begin = token_.begin;
    sum();
    const std::optional<Op> op = operator_of(kOps);
    if (!op) return;
    take();
    sum();
    emit(*op, begin);
    if (operator_of(kOps)) throw fault("a comparison has two sides: write a < b and b < c");
  }

  void sum() {
    static constexpr std::array<std::pair<std::string_view, Op>, 2> kOps = {
        {{"+", Op::kAdd}, {"-", Op::kSubtract}}};
    const std::uint32_t begin = token_.begin;
    product();
    while (const std::optional<Op> op = operator_of(kOps)) {
      take();
      product();
      emit(*op, begin);
    }
  }

  void product() {
    static constexpr std::array<std::pair<std::string_view, Op>, 3> kOps = {
        {{"*", Op::kMultiply}, {"/", Op::kDivide}, {"%", Op::kRemainder}}};
    const std::uint32_t begin = token_.begin;
    signed_operand();
    while (const std::optional<Op> op = operator_of(kOps)) {
      take();
      signed_operand();
      emit(*op, begin);
    }
  }

  void signed_operand() {
    const std::uint32_t begin = token_.begin;
    std::size_t signs = 0;
    for (; is("-"); ++signs) take();
    operand();
    for (; signs > 0; --signs) emit(Op::kNegate, begin);
  }

  void operand() {
    const Token token = token_;
    if (is("(")) return parenthesis();
    if (is("not")) throw fault("not needs parentheses here");
    const bool truth = is("true") || is("false");
    const double number = truth ? (is("true") ? 1.0 : 0.0) : token.number;
    if (token.kind == TokenKind::kEnd || token.kind == TokenKind::kSign ||
        (token.kind == TokenKind::kWord && !truth)) {
      throw fault("a name, number or text is missing before " + shown());
    }
    const std::uint32_t index = token.kind == TokenKind::kName ? name() : 0;
    take();
    if (is("(")) throw fault("there are no functions");
    switch (token.kind) {
      case TokenKind::kName:
        return emit(Op::kName, token.begin, index);
      case TokenKind::kText:
        return emit(Op::kText, token.begin);
      default:
        return emit(truth ? Op::kTruth : Op::kNumber, token.begin, 0, number);
    }
  }

  void parenthesis() {
    const Token opened = token_;
    if (++nested_ > kNestedMax) {
      throw fault("there are more than " + std::to_string(kNestedMax) + " open parentheses");
    }
    take();
    alternatives();
    if (!is(")")) {
      if (token_.kind != TokenKind::kEnd) throw fault("there is no operator before " + shown());
      throw constraint_fault(text_, opened.begin, "the parenthesis is never closed");
    }
    take();
    --nested_;
  }

  // The index of the name that stands here.
  std::uint32_t name() {
    std::string_view word = source();
    if (word.front() == '`') word = word.substr(1, word.size() - 2);
    const auto known = std::find(names_.begin(), names_.end(), word);
    const auto index = static_cast<std::uint32_t>(known - names_.begin());
    if (known == names_.end()) names_.emplace_back(word);
    return index;
  }

  std::string_view text_;
  Tokenizer tokens_;
  Token token_;
  std::uint32_t end_ = 0;  // of the last token that was taken
  int nested_ = 0;
  std::vector<Step>& steps_;
  std::vector<std::string>& names_;
};

// Goes through the steps with kinds in the place of values.
class KindChecker {
 public:
  static constexpr std::size_t kOperandsMax = 32;

  KindChecker(std::string_view text, std::span<const std::optional<OperandKind>> kinds)
      : text_(text), kinds_(kinds) {}

  void check(const std::vector<Step>& steps) {
    for (const Step& step : steps) take(step);
    need(stack_.back(), OperandKind::kTruth, "a constraint is true or false, as a comparison is");
  }

 private:
  struct Side {
    std::optional<OperandKind> kind;  // nothing: not known yet
    std::uint32_t begin, end;
    std::optional<double> constant;
  };

  void take(const Step& step) {
    switch (step.op) {
      case Op::kNumber:
        return push(step, OperandKind::kNumber, step.number);
      case Op::kText:
        return push(step, OperandKind::kText);
      case Op::kName:
        return push(step, step.index < kinds_.size() ? kinds_[step.index] : std::nullopt);
      case Op::kTruth:
        return push(step, OperandKind::kTruth);
      case Op::kNegate:
        return negate(step);
      case Op::kNot:
        need(stack_.back(), OperandKind::kTruth, "not needs what is true or false");
        return replace(step, OperandKind::kTruth);
      case Op::kAndSkip:
      case Op::kOrSkip:
        need_truth_of(step.op == Op::kAndSkip ? "and" : "or");
        return stack_.pop_back();
      case Op::kAnd:
      case Op::kOr:
        need_truth_of(step.op == Op::kAnd ? "and" : "or");
        return replace(step, OperandKind::kTruth);
      default:
        return take_two(step);
    }
  }

  void push(const Step& step, std::optional<OperandKind> kind,
            std::optional<double> constant = {}) {
    if (stack_.size() == kOperandsMax) {
      throw constraint_fault(text_, step.begin, "the expression is nested too deeply");
    }
    stack_.push_back({kind, step.begin, step.end, constant});
  }
  void replace(const Step& step, OperandKind kind, std::optional<double> constant = {}) {
    stack_.back() = {kind, step.begin, step.end, constant};
  }

  void negate(const Step& step) {
    const Side side = stack_.back();
    need(side, OperandKind::kNumber, "- needs numbers");
    replace(step, OperandKind::kNumber,
            side.constant ? std::optional(-*side.constant) : std::nullopt);
  }

  void take_two(const Step& step) {
    const Side right = stack_.back();
    stack_.pop_back();
    const Side left = stack_.back();
    if (is_arithmetic(step.op)) return take_arithmetic(step, left, right);
    if (left.kind && right.kind && left.kind != right.kind) {
      throw constraint_fault(text_, left.begin,
                             told(left) + ", and " + told(right) + ": they cannot be compared");
    }
    if (step.op != Op::kEqual && step.op != Op::kNotEqual) {
      for (const Side& side : {left, right}) {
        need(side, OperandKind::kNumber, "only numbers have an order");
      }
    }
    replace(step, OperandKind::kTruth);
  }

  void take_arithmetic(const Step& step, const Side& left, const Side& right) {
    for (const Side& side : {left, right})
      need(side, OperandKind::kNumber, "arithmetic needs numbers");
    const bool divides = step.op == Op::kDivide || step.op == Op::kRemainder;
    if (divides && right.constant == 0.0) {
      throw constraint_fault(text_, right.begin, "it divides by zero");
    }
    std::optional<double> constant;
    if (left.constant && right.constant)
      constant = compute(step.op, *left.constant, *right.constant);
    replace(step, OperandKind::kNumber, constant);
  }

  void need_truth_of(const std::string& word) const {
    need(stack_.back(), OperandKind::kTruth, word + " needs what is true or false on each side");
  }

  void need(const Side& side, OperandKind kind, const std::string& why) const {
    if (!side.kind || side.kind == kind) return;
    throw constraint_fault(text_, side.begin, told(side) + ": " + why);
  }

  std::string told(const Side& side) const {
    const bool text = side.kind == OperandKind::kText;
    return std::string(text_.substr(side.begin, side.end - side.begin)) + " is " +
           (text                                ? "a text"
            : side.kind == OperandKind::kNumber ? "a number"
                                                : "true or false");
  }

  std::string_view text_;
  std::span<const std::optional<OperandKind>> kinds_;
  std::vector<Side> stack_;
};

}  // namespace detail

// An expression that was read.
class Constraint {
 public:
  // Throws for one that cannot be read, that names no hyperparameter, or whose kinds do not fit
  // whatever the hyperparameters are.
  explicit Constraint(std::string_view text) : text_(text) {
    detail::ConstraintReader(text_, steps_, names_).read();
    check({});
    if (names_.empty()) throw detail::constraint_fault(text_, 0, "it names no hyperparameter");
  }

  const std::string& text() const { return text_; }
  // The names, each once, in the order in which they stand first.
  const std::vector<std::string>& names() const { return names_; }

  // Throws where the kinds of operands do not fit. `kinds` is by the index of names(); nothing: not
  // known yet, which fits everywhere.
  void check(std::span<const std::optional<OperandKind>> kinds) const {
    detail::KindChecker(text_, kinds).check(steps_);
  }

  // Calls visit(name, text, offset) for each name that is compared to a text: the index of the name
  // and the place of the text.
  template <class Visit>
  void each_text(const Visit& visit) const {
    for (std::size_t i = 2; i < steps_.size(); ++i) {
      if (!detail::is_comparison(steps_[i].op)) continue;
      const detail::Step* name = &steps_[i - 2];
      const detail::Step* text = &steps_[i - 1];
      if (name->op == detail::Op::kText) std::swap(name, text);
      if (name->op != detail::Op::kName || text->op != detail::Op::kText) continue;
      visit(std::size_t{name->index}, text_of(*text), std::size_t{text->begin});
    }
  }

  // Evaluates it. `read(i)` answers the value of names()[i] as optional<Operand>, or nothing where
  // that is not active. The kinds must have been checked.
  template <class Read>
  Finding evaluate(const Read& read) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!read(i)) return Finding::kHolds;
    }
    std::array<Operand, detail::KindChecker::kOperandsMax> stack;
    std::size_t size = 0;
    for (std::size_t at = 0; at < steps_.size(); ++at) {
      const detail::Step& step = steps_[at];
      switch (step.op) {
        case detail::Op::kNumber:
        case detail::Op::kTruth:
          stack[size++] = {step.number, {}};
          continue;
        case detail::Op::kText:
          stack[size++] = {0.0, text_of(step)};
          continue;
        case detail::Op::kName:
          stack[size++] = *read(step.index);
          continue;
        case detail::Op::kNegate:
          stack[size - 1].number = -stack[size - 1].number;
          continue;
        case detail::Op::kNot:
          stack[size - 1].number = 1.0 - stack[size - 1].number;
          continue;
        case detail::Op::kAndSkip:
        case detail::Op::kOrSkip:
          if ((stack[size - 1].number != 0.0) == (step.op == detail::Op::kOrSkip)) {
            at = step.index - 1;
          } else {
            --size;
          }
          continue;
        case detail::Op::kAnd:
        case detail::Op::kOr:
          continue;
        default:
          break;
      }
      Operand& left = stack[size - 2];
      const Operand& right = stack[--size];
      if (detail::is_comparison(step.op)) {
        left = {detail::compare(step.op, left, right) ? 1.0 : 0.0, {}};
        continue;
      }
      left.number = detail::compute(step.op, left.number, right.number);
      if (!std::isfinite(left.number)) return Finding::kNotFinite;
    }
    return stack[0].number != 0.0 ? Finding::kHolds : Finding::kBroken;
  }

  // An error about the first place of names()[name], or about the byte at `offset`.
  Error fault_of_name(std::size_t name, const std::string& what) const {
    const auto step = std::find_if(steps_.begin(), steps_.end(), [&](const detail::Step& each) {
      return each.op == detail::Op::kName && each.index == name;
    });
    return fault(step->begin, what);
  }
  Error fault(std::size_t offset, const std::string& what) const {
    return detail::constraint_fault(text_, offset, what);
  }

 private:
  std::string_view text_of(const detail::Step& step) const {
    return std::string_view(text_).substr(step.begin + 1, step.end - step.begin - 2);
  }

  std::string text_;
  std::vector<detail::Step> steps_;
  std::vector<std::string> names_;
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
