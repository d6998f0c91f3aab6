// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"
#include "base/text.hpp"
#include "import/optuna_file.hpp"
#include "import/python_json.hpp"
#include "store/sqlite.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

namespace dodona::import {
namespace {

const std::vector<std::string> kStates = {"RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"};
constexpr const char* kOldestSchema = "v3.0.0.d";

class DatabaseReader {
 public:
  explicit DatabaseReader(const std::string& path)
      : database_(path, store::Database::Mode::kRead), distributions_(file_.distributions) {
    file_.path = path;
  }

  OptunaFile read() {
    database_.run("BEGIN");  // one moment, also where others write
    check_schema();
    read_studies();
    read_trials();
    read_values();
    read_steps();
    read_params();
    read_attributes("trial_user_attributes", &OptunaTrial::user);
    read_attributes("trial_system_attributes", &OptunaTrial::system);
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(DODONA_E_INVALID, file_.path + ": " + what);
  }

  void check_schema() {
    const std::int64_t tables = database_.integer(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN "
        "('studies', 'trials', 'trial_params', 'version_info', 'alembic_version')");
    if (tables < 4) fail("is no database of Optuna: it lacks tables such as trial_params");
    const std::string version =
        tables < 5 ? "" : database_.text("SELECT max(version_num) FROM alembic_version");
    if (version >= kOldestSchema) return;
    fail("has the tables of an Optuna before 3.0 (" + (version.empty() ? "no version" : version) +
         "); `optuna storage upgrade --storage sqlite:///" + file_.path +
         "` brings them up to date");
  }

  void each(const char* sql, const std::function<void(const store::Statement&)>& visit) {
    store::Statement rows = database_.prepare(sql);
    while (rows.step()) visit(rows);
  }

  void read_studies() {
    each("SELECT study_id, study_name FROM studies ORDER BY study_id", [this](const auto& row) {
      studies_[row.integer(0)] = file_.studies.size();
      file_.studies.push_back({.name = std::string(row.bytes(1)), .maximizes = {}});
    });
    each("SELECT study_id, direction FROM study_directions ORDER BY study_id, objective",
         [this](const auto& row) {
           const auto study = studies_.find(row.integer(0));
           if (study == studies_.end()) return;
           const std::string_view direction = row.bytes(1);
           OptunaStudy& found = file_.studies[study->second];
           if (direction != "MINIMIZE" && direction != "MAXIMIZE") {
             fail("study_directions of " + base::quote(found.name) +
                  ": direction: " + base::quote(direction) + " should be MINIMIZE or MAXIMIZE");
           }
           found.maximizes.push_back(direction == "MAXIMIZE");
         });
    for (const OptunaStudy& study : file_.studies) {
      if (study.maximizes.empty()) fail("study_directions lacks " + base::quote(study.name));
    }
    each(
        "SELECT study_id, value_json FROM study_system_attributes WHERE key = "
        "'study:metric_names'",
        [this](const auto& row) {
          const auto study = studies_.find(row.integer(0));
          if (study == studies_.end()) return;
          const base::JsonDocument names =
              json_of(row.bytes(1), "study_system_attributes: study:metric_names");
          const base::JsonReader list(names);
          for (std::size_t i = 0; i < list.array().size(); ++i) {
            file_.studies[study->second].metric_names.emplace_back(list.element(i).string());
          }
        });
  }

  void read_trials() {
    each(
        "SELECT trial_id, study_id, state, datetime_start, datetime_complete FROM trials "
        "ORDER BY study_id, number, trial_id",
        [this](const auto& row) {
          const auto study = studies_.find(row.integer(1));
          if (study == studies_.end()) return;
          std::vector<OptunaTrial>& trials = file_.studies[study->second].trials;
          OptunaTrial trial{.where = file_.path + ": trial " + std::to_string(trials.size()) +
                                     " of " + base::quote(file_.studies[study->second].name)};
          const auto state = std::find(kStates.begin(), kStates.end(), row.bytes(2));
          if (state == kStates.end()) {
            throw Error(DODONA_E_INVALID, trial.where + ": state: " + base::quote(row.bytes(2)) +
                                              " should be " + base::alternatives(kStates));
          }
          trial.state = static_cast<OptunaState>(state - kStates.begin());
          trial.started_nanos = time_at(row, 3, "datetime_start", trial);
          trial.finished_nanos = time_at(row, 4, "datetime_complete", trial);
          trials_[row.integer(0)] = {study->second, trials.size()};
          trials.push_back(std::move(trial));
        });
  }

  static std::int64_t time_at(const store::Statement& row, int column, const char* key,
                              const OptunaTrial& trial) {
    if (row.is_null(column)) return 0;
    const auto time = optuna_time(row.bytes(column));
    if (time) return *time;
    throw Error(DODONA_E_INVALID, trial.where + ": " + key + ": " + base::quote(row.bytes(column)) +
                                      " is no time; it should be as 2026-11-30 21:37:45.562315");
  }

  // The trial of a row whose first column is its id; nothing for one of no study.
  OptunaTrial* trial_of(const store::Statement& row) {
    const auto found = trials_.find(row.integer(0));
    if (found == trials_.end()) return nullptr;
    return &file_.studies[found->second.first].trials[found->second.second];
  }

  // Infinities and NaN have a type in place of a value.
  static double value_at(const store::Statement& row, int column) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::string_view type = row.bytes(column + 1);
    if (type == "INF_POS") return infinity;
    if (type == "INF_NEG") return -infinity;
    if (type == "NAN" || row.is_null(column)) return std::numeric_limits<double>::quiet_NaN();
    return row.real(column);
  }

  void read_values() {
    each("SELECT trial_id, value, value_type FROM trial_values ORDER BY trial_id, objective",
         [this](const auto& row) {
           if (OptunaTrial* trial = trial_of(row)) trial->values.push_back(value_at(row, 1));
         });
    for (const OptunaStudy& study : file_.studies) {
      for (const OptunaTrial& trial : study.trials) {
        if (trial.values.empty() || trial.values.size() == study.maximizes.size()) continue;
        throw Error(DODONA_E_INVALID, trial.where + ": trial_values: there are " +
                                          std::to_string(trial.values.size()) +
                                          " values, and the study has " +
                                          std::to_string(study.maximizes.size()) + " objectives");
      }
    }
  }

  void read_steps() {
    each(
        "SELECT trial_id, intermediate_value, intermediate_value_type, step FROM "
        "trial_intermediate_values",
        [this](const auto& row) {
          OptunaTrial* trial = trial_of(row);
          if (trial == nullptr) return;
          const std::int64_t step = row.integer(3);
          if (step < 0) {
            throw Error(DODONA_E_INVALID, trial->where + ": trial_intermediate_values: step: " +
                                              std::to_string(step) + " should be 0 or more");
          }
          trial->steps[static_cast<std::uint64_t>(step)] = value_at(row, 1);
        });
  }

  void read_params() {
    each(
        "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params "
        "ORDER BY param_id",
        [this](const auto& row) {
          OptunaTrial* trial = trial_of(row);
          if (trial == nullptr) return;
          const std::string name(row.bytes(1));
          const std::string where =
              trial->where + ": trial_params: distribution_json of " + base::quote(name);
          put(trial->params, {name, row.real(2), distributions_.read(row.bytes(3), where)});
        });
  }

  using Attributes = std::vector<std::pair<std::string, boost::json::value>>;
  void read_attributes(const std::string& table, Attributes OptunaTrial::*place) {
    const std::string sql = "SELECT trial_id, key, value_json FROM " + table + " ORDER BY " +
                            table.substr(0, table.size() - 1) + "_id";
    each(sql.c_str(), [&](const auto& row) {
      OptunaTrial* trial = trial_of(row);
      if (trial == nullptr) return;
      const std::string where = trial->where + ": " + table + ": " + base::quote(row.bytes(1));
      put(trial->*place, row.bytes(1),
          base::parse_json(strict_json(std::string(row.bytes(2))), where).root);
    });
  }

  base::JsonDocument json_of(std::string_view text, const std::string& what) const {
    return base::parse_json(strict_json(std::string(text)), file_.path + ": " + what);
  }

  OptunaFile file_;
  store::Database database_;
  OptunaDistributions distributions_;
  std::map<std::int64_t, std::size_t> studies_;  // by id
  std::map<std::int64_t, std::pair<std::size_t, std::size_t>> trials_;
};

}  // namespace

OptunaFile read_optuna_sqlite(const std::string& path) {
  return DatabaseReader(path).read();
}

}  // namespace dodona::import
