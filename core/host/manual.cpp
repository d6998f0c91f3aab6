// SPDX-License-Identifier: Apache-2.0
#include "host/manual.hpp"

#include "host/exit_code.hpp"
#include "host/terminal.hpp"
#include "host/usage.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace dodona::host {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool is_positional(const CLI::Option& option) {
  return option.get_lnames().empty() && option.get_snames().empty();
}

// `--set`, `-n`; the long names first.
std::vector<std::string> words_of(const CLI::Option& option) {
  std::vector<std::string> words;
  for (const std::string& name : option.get_lnames()) words.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.push_back("-" + name);
  return words;
}

std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

// ---- man ---------------------------------------------------------------------------------------

// Text of a page: nothing in it is a request of roff, and a hyphen is one.
std::string roff(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

std::string option_entry(const CLI::Option& option) {
  std::string head;
  for (const std::string& word : words_of(option)) head += (head.empty() ? "" : ", ") + word;
  if (is_positional(option)) head = option.get_name();
  const std::string type =
      option.get_option_text().empty() ? option.get_type_name() : option.get_option_text();
  std::string entry = ".TP\n\\fB" + roff(head) + "\\fR";
  if (!is_positional(option) && option.get_items_expected_max() > 0) {
    entry += " \\fI" + roff(type) + "\\fR";
  }
  return entry + "\n" + roff(option.get_description()) + "\n";
}

// The options of a command, and its examples.
std::string command_entry(const CLI::App& app) {
  std::string text = roff(app.get_description()) + ".\n";
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_name() != "--help") text += option_entry(*option);
  }
  if (!app.get_footer().empty()) {
    text += ".PP\n.nf\n.RS\n" + roff(app.get_footer()) + "\n.RE\n.fi\n";
  }
  return text;
}

void add_commands(const CLI::App& app, std::string& page) {
  for (const CLI::App* command : commands_of(app)) {
    page += ".SS " + roff(full_name(*command)) + "\n" + command_entry(*command);
    add_commands(*command, page);
  }
}

// ---- completion ----------------------------------------------------------------------------------

struct Completed {
  std::string path;  // the commands before the word, with spaces between
  const CLI::App* app;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Completed>& all) {
  all.push_back({path, &app});
  for (const CLI::App* command : commands_of(app)) {
    collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), all);
  }
}

std::vector<Completed> completed(const CLI::App& program) {
  std::vector<Completed> all;
  collect(program, "", all);
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Commands and options that may follow.
std::vector<std::string> following(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* command : commands_of(app)) words.push_back(command->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& word : words_of(*option)) words.push_back(word);
  }
  return words;
}

// In single quotes for a shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The lines of a shell function, for bash and zsh, that find the command in the words before the
// cursor, `before`, and set `each` to what may follow it.
std::string following_lines(const CLI::App& program, const std::string& before) {
  std::string commands;
  std::string nested;  // a command grows by a word where the two together are one
  std::string words;
  for (const Completed& each : completed(program)) {
    const std::string quoted = shell_quoted(each.path);
    if (!each.path.empty()) {
      commands += (commands.empty() ? "      " : " | ") + shell_quoted(" " + each.path);
    }
    if (each.path.find(' ') != std::string::npos)
      nested += (nested.empty() ? "      " : " | ") + quoted;
    words += "    " + quoted + ") each=" + shell_quoted(joined(following(*each.app))) + " ;;\n";
  }
  return "  for each in " + before + "; do\n    case \"$command $each\" in\n" + commands +
         ") command=$each ;;\n" + nested + ") command=\"$command $each\" ;;\n    esac\n  done\n" +
         "  each=\n  case \"$command\" in\n" + words + "  esac\n";
}

// Words that begin with what stands there; else files, which are study files and directories.
std::string bash_script(const CLI::App& program) {
  return R"(_dodona() {
  local word=${COMP_WORDS[COMP_CWORD]} command= each
)" + following_lines(program, R"("${COMP_WORDS[@]:1:COMP_CWORD-1}")") +
         R"(  COMPREPLY=($(compgen -W "$each" -- "$word"))
  case "$word" in
    -*) ;;
    *) [ -z "$command" ] || COMPREPLY+=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _dodona dodona
)";
}

// The same, sourced or as a file of $fpath, whose first completion it is too.
std::string zsh_script(const CLI::App& program) {
  return R"(#compdef dodona
_dodona() {
  local command= each
)" + following_lines(program, "${words[2,CURRENT-1]}") +
         R"(  compadd -- ${=each}
  [[ -z $command || $words[CURRENT] == -* ]] || _files
}
if [ "$funcstack[1]" = _dodona ]; then _dodona "$@"; else compdef _dodona dodona; fi
)";
}

// A condition of fish that all words of a command stand before the cursor.
std::string fish_condition(const std::string& path) {
  std::string text;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(' ', begin), path.size());
    text += (text.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
            path.substr(begin, end - begin);
    begin = end + 1;
  }
  return shell_quoted(text);
}

std::string fish_script(const CLI::App& program) {
  std::string text = "complete -c dodona -e\n";
  for (const Completed& each : completed(program)) {
    const std::string condition =
        each.path.empty() ? "__fish_use_subcommand" : fish_condition(each.path);
    const std::string start = "complete -c dodona -n " + condition;
    for (const CLI::App* command : commands_of(*each.app)) {
      text += start + (each.path.empty() ? " -f" : "") + " -a " + command->get_name() + " -d " +
              shell_quoted(command->get_description()) + "\n";
    }
    for (const CLI::Option* option : each.app->get_options()) {
      if (is_positional(*option)) continue;
      text += start;
      for (const std::string& name : option->get_lnames()) text += " -l " + name;
      for (const std::string& name : option->get_snames()) text += " -s " + name;
      if (option->get_items_expected_max() > 0) text += " -r";
      text += " -d " + shell_quoted(option->get_description()) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string man_page(const CLI::App& program) {
  std::string page = ".TH DODONA 1\n.SH NAME\ndodona \\- a hyperparameter tuner\n.SH SYNOPSIS\n";
  page += ".B dodona\n.I COMMAND\n[OPTION]...\n.SH COMMANDS\n";
  add_commands(program, page);
  page += ".SH NOTES\n.nf\n" + roff(program.get_footer()) + "\n.fi\n";
  return page;
}

std::string completion(const CLI::App& program, const std::string& shell) {
  if (shell == "bash") return bash_script(program);
  return shell == "zsh" ? zsh_script(program) : fish_script(program);
}

void add_manual(CLI::App& program, Commands& commands) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* app = program.add_subcommand("completion", "Print a script that completes for a shell");
  app->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->type_name("")
      ->option_text(" ")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app->footer(R"(Examples:
  source <(dodona completion bash)
  source <(dodona completion zsh)      after compinit
  dodona completion fish > ~/.config/fish/completions/dodona.fish

`cmake --install` puts all three, and the man page, where shells and man look for them.)");
  const CLI::App* all = &program;
  commands.push_back({app, [shell, all] {
                        print(completion(*all, *shell));
                        return static_cast<int>(kDone);
                      }});
  app = program.add_subcommand("man", "Print the man page, for man -l");
  app->footer(R"(Examples:
  dodona man > dodona.1 && man ./dodona.1)");
  commands.push_back({app, [all] {
                        print(man_page(*all));
                        return static_cast<int>(kDone);
                      }});
}

}  // namespace dodona::host
