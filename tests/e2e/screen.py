# SPDX-License-Identifier: Apache-2.0
"""A terminal, as far as the live view of a search drives one."""
import re


class Screen:
    """Takes what a program writes, and keeps all lines, those that have scrolled away too.

    A line that reaches the right edge goes on in the next row. A terminal that becomes narrower
    either wraps its lines anew, as most do, or cuts them, as xterm does.
    """
    TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|[\r\n]|[^\x1b\r\n]")
    PART = re.compile(r"\x1b(\[[0-9;?]*)?$")

    def __init__(self, columns, rows, wraps_again=True):
        self.columns, self.rows, self.wraps_again = columns, rows, wraps_again
        self.lines = [[]]
        self.line = self.offset = 0
        self.pending = False  # at the right edge, behind the last cell
        self.rest = ""

    def text(self):
        return ["".join(line).rstrip() for line in self.lines]

    def resize(self, columns):
        if not self.wraps_again:
            assert not self.pending
            above = sum(self.height(i) for i in range(self.line)) + self.offset // self.columns
            self.offset %= self.columns
            self.lines = [line[at:at + self.columns][:columns] for line in self.lines
                          for at in range(0, max(1, len(line)), self.columns)]
            self.line = above
        self.columns = columns

    def height(self, line):
        return max(1, -(-len(self.lines[line]) // self.columns))

    def feed(self, text):
        text = self.rest + text
        part = self.PART.search(text)
        self.rest = part.group() if part else ""
        text = text[:len(text) - len(self.rest)]
        at = 0
        while at < len(text):
            token = self.TOKEN.match(text, at)
            assert token, repr(text[at:at + 20])
            at = token.end()
            if token.group(2):
                self.obey(token.group(1), token.group(2))
            elif token.group() == "\r":
                self.offset -= self.column()
                self.pending = False
            elif token.group() == "\n":
                self.down()
            else:
                self.put(token.group())

    def row(self):
        """Of the line, the row that the cursor is in."""
        return (self.offset - self.pending) // self.columns

    def column(self):
        return self.offset - self.row() * self.columns

    def put(self, character):
        line = self.lines[self.line]
        line.extend(" " * (self.offset + 1 - len(line)))
        line[self.offset] = character
        self.offset += 1
        self.pending = self.offset % self.columns == 0

    def down(self):
        column = self.column() - self.pending
        if self.row() + 1 < self.height(self.line):
            self.offset = (self.row() + 1) * self.columns + column
        else:
            self.line += 1
            if self.line == len(self.lines):
                self.lines.append([])
            self.offset = column
        self.pending = False

    def up(self, count):
        column = self.column() - self.pending
        rows = [(line, row) for line in range(len(self.lines)) for row in range(self.height(line))]
        top = max(0, len(rows) - self.rows)
        self.line, row = rows[max(top, rows.index((self.line, self.row())) - count)]
        self.offset = row * self.columns + column
        self.pending = False

    def obey(self, numbers, command):
        if command == "A":
            self.up(int(numbers or 1))
        elif command in "JK" and numbers in ("", "0"):
            # Behind the last cell the cursor still is in it, and clears it.
            end = (self.row() + 1) * self.columns
            cells = self.lines[self.line]
            begin = self.offset - self.pending
            if command == "J":
                del self.lines[self.line + 1:]
                del cells[begin:]
            else:
                cells[begin:end] = " " * (min(end, len(cells)) - begin)
        else:
            assert command == "m" or numbers == "?25", (numbers, command)
