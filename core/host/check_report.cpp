// SPDX-License-Identifier: Apache-2.0
#include "host/check_report.hpp"

#include "base/json.hpp"
#include "host/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <cstdio>
#include <map>

namespace dodona::host {
namespace {

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:  // XML has no way to write most control characters
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

boost::json::array to_json(const std::vector<CheckRecord>& records, bool results) {
  boost::json::array out;
  for (const CheckRecord& each : records) {
    boost::json::object object{{"id", each.id}, {"plugin", each.plugin}};
    if (!results) object["needs"] = each.needs;
    if (results) {
      object["status"] = each.status;
      object["text"] = each.text;
      object["seed"] = each.seed;
      object["seconds"] = each.seconds;
    }
    out.push_back(std::move(object));
  }
  return out;
}

std::vector<CheckRecord> from_json(const boost::json::value& list) {
  std::vector<CheckRecord> out;
  for (const boost::json::value& each : list.as_array()) {
    const boost::json::object& object = each.as_object();
    CheckRecord record;
    record.id = std::string(object.at("id").as_string());
    record.plugin = std::string(object.at("plugin").as_string());
    if (object.contains("needs")) record.needs = std::string(object.at("needs").as_string());
    if (object.contains("status")) {
      record.status = std::string(object.at("status").as_string());
      record.text = std::string(object.at("text").as_string());
      record.seed = object.at("seed").to_number<std::uint64_t>();
      record.seconds = object.at("seconds").to_number<double>();
    }
    out.push_back(std::move(record));
  }
  return out;
}

}  // namespace

std::size_t CheckReport::count(std::string_view status) const {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(),
                    [&](const CheckRecord& each) { return each.status == status; }));
}

std::string label(const CheckRecord& record) {
  return record.plugin.empty() ? record.id : record.id + "@" + record.plugin;
}

std::string report_text(const CheckReport& report) {
  std::string out;
  std::map<std::string, std::vector<std::string>> skipped;  // by reason, which many may share
  for (const CheckRecord& each : report.checks) {
    if (each.status == "failed") {
      out += "FAILED  " + label(each) + ": " + each.text + "\n        again: dodona check " +
             report.file + " --in-process --only " + label(each) + " --seed " +
             std::to_string(each.seed) + "\n";
    } else if (each.status == "skipped") {
      const std::string of = each.plugin.empty() ? "" : each.plugin + ": ";
      skipped[of + each.text].push_back(each.id);
    }
  }
  for (const auto& [reason, ids] : skipped) {
    out += "skipped " + (ids.size() == 1 ? ids.front() : counted(ids.size(), "check")) + ": " +
           reason + "\n";
  }
  return out + report.file + ": " + std::to_string(report.count("passed")) + " passed, " +
         std::to_string(report.count("failed")) + " failed, " +
         std::to_string(report.count("skipped")) + " skipped\n";
}

std::string report_json(const CheckReport& report) {
  return base::to_text(boost::json::object{{"file", report.file},
                                           {"passed", report.count("failed") == 0},
                                           {"checks", to_json(report.checks, true)},
                                           {"planned", to_json(report.planned, false)}});
}

std::string report_junit(const CheckReport& report) {
  double sum = 0;
  for (const CheckRecord& each : report.checks) sum += each.seconds;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"dodona check " +
                    xml(report.file) + "\" tests=\"" + std::to_string(report.checks.size()) +
                    "\" failures=\"" + std::to_string(report.count("failed")) + "\" skipped=\"" +
                    std::to_string(report.count("skipped")) + "\" time=\"" + seconds_text(sum) +
                    "\">\n";
  for (const CheckRecord& each : report.checks) {
    out += "  <testcase classname=\"" + xml(each.plugin.empty() ? "library" : each.plugin) +
           "\" name=\"" + xml(each.id) + "\" time=\"" + seconds_text(each.seconds) + "\"";
    if (each.status == "passed") {
      out += "/>\n";
    } else {
      out += std::string("><") + (each.status == "failed" ? "failure" : "skipped") + " message=\"" +
             xml(each.text) + "\"/></testcase>\n";
    }
  }
  return out + "</testsuite>\n";
}

CheckReport parse_report(const std::string& json) {
  const base::JsonDocument document = base::parse_json(json, "the result of a check");
  const boost::json::object& object = document.root.as_object();
  return {std::string(object.at("file").as_string()), from_json(object.at("checks")),
          from_json(object.at("planned"))};
}

}  // namespace dodona::host
