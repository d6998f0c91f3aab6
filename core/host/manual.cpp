// SPDX-License-Identifier: Apache-2.0
#include "host/manual.hpp"

#include "host/exit_code.hpp"
#include "host/terminal.hpp"
#include "host/usage.hpp"

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

// Words that begin with what stands there; else files, which are study files and directories.
std::string bash_script(const CLI::App& program) {
  std::string text = R"(_dodona() {
  local word=${COMP_WORDS[COMP_CWORD]} path= each
  for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $each" in
)";
  std::string cases, words;
  for (const Completed& each : completed(program)) {
    if (!each.path.empty()) {
      cases += (cases.empty() ? "      " : " | ") + shell_quoted(" " + each.path);
    }
    words += "    " + shell_quoted(each.path) +
             ") each=" + shell_quoted(joined(following(*each.app))) + " ;;\n";
  }
  // A path grows by a word where the two together are a command.
  std::string nested;
  for (const Completed& each : completed(program)) {
    if (each.path.find(' ') != std::string::npos) {
      nested += (nested.empty() ? "      " : " | ") + shell_quoted(each.path);
    }
  }
  text += cases + ") path=$each ;;\n";
  text += nested + ") path=\"$path $each\" ;;\n";
  text += "    esac\n  done\n  each=\n  case \"$path\" in\n" + words + "  esac\n";
  text += R"(  COMPREPLY=($(compgen -W "$each" -- "$word"))
  case "$word" in
    -*) ;;
    *) [ -z "$path" ] || COMPREPLY+=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _dodona dodona
)";
  return text;
}

std::string zsh_script(const CLI::App& program) {
  return "#compdef dodona\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(program);
}

std::string fish_script(const CLI::App& program) {
  std::string text = "complete -c dodona -e\n";
  for (const CLI::App* command : commands_of(program)) {
    text += "complete -c dodona -f -n __fish_use_subcommand -a " + command->get_name() + " -d " +
            shell_quoted(command->get_description()) + "\n";
  }
  for (const Completed& each : completed(program)) {
    if (each.path.empty()) continue;
    const std::string last = each.path.substr(each.path.rfind(' ') + 1);
    const std::string seen = shell_quoted("__fish_seen_subcommand_from " + last);
    for (const CLI::App* command : commands_of(*each.app)) {
      text += "complete -c dodona -n " + seen + " -a " + command->get_name() + " -d " +
              shell_quoted(command->get_description()) + "\n";
    }
    for (const CLI::Option* option : each.app->get_options()) {
      if (is_positional(*option)) continue;
      text += "complete -c dodona -n " + seen;
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
  dodona completion fish > ~/.config/fish/completions/dodona.fish)");
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
