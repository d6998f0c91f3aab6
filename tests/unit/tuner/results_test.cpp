// SPDX-License-Identifier: Apache-2.0
#include "tuner/results.hpp"

#include "base/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

namespace dodona {
namespace {

Values values() {
  return Values({{"units", std::int64_t{64}}, {"lr", 0.001}, {"bias", true}, {"act", "relu"}});
}

std::string problem(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_INVALID);
    return error.what();
  }
  return "";
}

TEST(Values, AnswerByNameAndType) {
  const Values all = values();
  EXPECT_EQ(all.integer("units"), 64);
  EXPECT_EQ(all.real("lr"), 0.001);
  EXPECT_TRUE(all.boolean("bias"));
  EXPECT_EQ(all.text("act"), "relu");
  EXPECT_TRUE(all.contains("lr"));
  EXPECT_FALSE(all.contains("momentum"));
  EXPECT_EQ(all.find("momentum"), nullptr);
}

TEST(Values, TakeAnIntForAFloat) {
  EXPECT_EQ(values().real("units"), 64.0);
}

TEST(Values, RejectUnknownNamesAndOtherTypes) {
  EXPECT_EQ(problem([] { values().real("Lr"); }),
            "there is no active hyperparameter \"Lr\" (did you mean \"lr\"?)");
  EXPECT_EQ(problem([] { values().real("momentum"); }),
            "there is no active hyperparameter \"momentum\"");
  EXPECT_EQ(problem([] { values().integer("lr"); }),
            "hyperparameter \"lr\" is a float, not an int");
  EXPECT_EQ(problem([] { values().real("act"); }),
            "hyperparameter \"act\" is a string, not a float");
  EXPECT_EQ(problem([] { values().boolean("units"); }),
            "hyperparameter \"units\" is an int, not a boolean");
  EXPECT_EQ(problem([] { values().text("bias"); }),
            "hyperparameter \"bias\" is a boolean, not a string");
}

TEST(Results, HaveWordsForEveryState) {
  const std::pair<TrialState, const char*> all[] = {
      {TrialState::kWaiting, "waiting"},     {TrialState::kRunning, "running"},
      {TrialState::kCompleted, "completed"}, {TrialState::kStopped, "stopped"},
      {TrialState::kFailed, "failed"},       {TrialState::kInvalid, "invalid"}};
  for (const auto& [state, word] : all) EXPECT_STREQ(to_text(state), word);
}

TEST(Results, HaveWordsForEveryEnd) {
  const std::pair<End, const char*> all[] = {{End::kMaxTrials, "max_trials reached"},
                                             {End::kExhausted, "nothing left to propose"},
                                             {End::kMaxSeconds, "max_seconds reached"},
                                             {End::kInterrupted, "interrupted"},
                                             {End::kFailures, "too many failed trials in a row"}};
  for (const auto& [end, word] : all) EXPECT_STREQ(to_text(end), word);
}

TEST(Results, ShowValuesShortly) {
  EXPECT_EQ(to_text(HyperParameterValue(std::int64_t{3})), "3");
  EXPECT_EQ(to_text(HyperParameterValue(1e-05)), "1e-05");
  EXPECT_EQ(to_text(HyperParameterValue(false)), "false");
  EXPECT_EQ(to_text(HyperParameterValue("relu")), "relu");
}

TEST(Results, AreOneJsonDocument) {
  Result done;
  done.trial = 5;
  done.state = TrialState::kCompleted;
  done.values = values();
  done.score = 0.1 + 0.2;
  done.best_step = 3;
  done.outcome = "ok";
  done.metrics = {{"loss", NAN}, {"acc", 1.0}};
  done.seed = UINT64_MAX;
  done.budget = 9;
  done.resume_of = 2;
  done.attempt = 1;
  done.started_unix_nanos = 1'709'211'900'123'456'789;
  done.finished_unix_nanos = done.started_unix_nanos + 2'500'000'000;
  EXPECT_EQ(
      base::to_text(tuner::to_json(done)),
      R"({"trial": 5, "state": "completed", "outcome": "ok", )"
      R"("values": {"units": 64, "lr": 0.001, "bias": true, "act": "relu"}, )"
      R"("score": 0.30000000000000004, "spread": null, "execution_scores": [], "best_step": 3, )"
      R"("metrics": {"loss": "NaN", "acc": 1.0}, "message": "", )"
      R"("seed": "18446744073709551615", "budget": 9, "resume_of": 2, "repeat_of": null, "attempt": 1, )"
      R"("started": "2024-02-29T13:05:00.123456Z", "finished": "2024-02-29T13:05:02.623456Z", )"
      R"("seconds": 2.5, "notes": {}})");
  Result failed;
  failed.state = TrialState::kFailed;
  failed.message = "no \"data\"\n";
  const base::JsonDocument document = base::parse_json(to_json({done, failed}), "results");
  const auto& trials = document.root.at("trials").as_array();
  ASSERT_EQ(trials.size(), 2U);
  EXPECT_TRUE(trials[1].at("score").is_null());
  EXPECT_TRUE(trials[1].at("resume_of").is_null());
  for (const char* absent : {"best_step", "started", "finished", "seconds"}) {
    EXPECT_TRUE(trials[1].at(absent).is_null()) << absent;
  }
  EXPECT_EQ(trials[1].at("message").as_string(), "no \"data\"\n");
  EXPECT_EQ(to_json(std::vector<Result>{}), "{\n  \"trials\": []\n}");
}

TEST(Results, AreCsvRowsWithAColumnForEachName) {
  Result done;
  done.trial = 5;
  done.state = TrialState::kCompleted;
  done.values = values();
  done.score = 0.1 + 0.2;
  done.best_step = 3;
  done.outcome = "ok";
  done.metrics = {{"loss", NAN}, {"acc", 1.0}};
  done.seed = UINT64_MAX;
  done.resume_of = 2;
  done.spread = 0.5;
  done.execution_scores = {1.0, std::nullopt};
  done.notes = {{"machine", "a,b"}, {"seed", "1"}};
  done.started_unix_nanos = 1'709'211'900'123'456'789;
  done.finished_unix_nanos = 1'709'211'900'000'000'000;
  Result failed;
  failed.state = TrialState::kFailed;
  failed.outcome = "model_error";
  failed.values = Values({{"lr", 1e-5}, {"momentum", 1.0}, {"act", ""}});
  failed.metrics = {{"top,5", -INFINITY}};
  failed.message = "no \"data\",\nnone";
  EXPECT_EQ(
      to_csv(std::vector<Result>{done, failed}),
      "trial,state,outcome,score,best_step,spread,score_0,score_1,units,lr,bias,act,momentum,loss,"
      "acc,"
      "\"top,5\",machine,notes.seed,message,seed,budget,resume_of,repeat_of,attempt,started,"
      "finished\n"
      "5,completed,ok,0.30000000000000004,3,0.5,1.0,,64,0.001,true,relu,,NaN,1.0,,\"a,b\",1,,"
      "18446744073709551615,0,2,,0,2024-02-29T13:05:00.123456Z,2024-02-29T13:05:00.000000Z\n"
      "0,failed,model_error,,,,,,,1e-05,,\"\",1.0,,,-Infinity,,,\"no "
      "\"\"data\"\",\nnone\",0,0,,,0,,\n");
}

TEST(Results, SayHowOftenATrialWasLostAndWhy) {
  Result whole;
  Result lost;
  lost.trial = 1;
  lost.losses = 2;
  lost.lost = "node failure";
  EXPECT_EQ(base::to_text(tuner::to_json(whole)).find("lost"), std::string::npos);
  const std::string text = base::to_text(tuner::to_json(lost));
  EXPECT_NE(text.find(R"("losses": 2, "lost": "node failure")"), std::string::npos) << text;
  const std::string csv = to_csv(std::vector<Result>{whole, lost});
  EXPECT_EQ(csv.substr(0, csv.find(",message")),
            "trial,state,outcome,score,best_step,spread,losses,lost");
  EXPECT_NE(csv.find(",2,node failure,"), std::string::npos) << csv;
  EXPECT_EQ(to_csv(std::vector<Result>{whole}).find("losses"), std::string::npos);
}

TEST(Results, HaveCsvColumnsOfDifferentNames) {
  Result result;
  result.values = Values({{"score", 0.5}, {"loss", 0.25}});
  result.metrics = {{"loss", 1.0}, {"state", 2.0}};
  const std::string text = to_csv(std::vector<Result>{result});
  EXPECT_EQ(
      text.substr(0, text.find(",message")),
      "trial,state,outcome,score,best_step,spread,values.score,loss,metrics.loss,metrics.state");
}

TEST(Reports, AreJsonAndCsv) {
  const std::vector<Report> reports = {{4, 1, 2, 9, "stop_trial", {{"loss", 0.5}}},
                                       {5, 0, 0, 1, "continue", {{"acc", 1.0}}}};
  EXPECT_EQ(to_csv(reports),
            "trial,execution,attempt,step,verdict,loss,acc\n"
            "4,1,2,9,stop_trial,0.5,\n5,0,0,1,continue,,1.0\n");
  const base::JsonDocument document = base::parse_json(to_json(reports), "reports");
  EXPECT_EQ(base::to_text(document.root.at("reports").at(0)),
            R"({"trial": 4, "execution": 1, "attempt": 2, "step": 9, )"
            R"("verdict": "stop_trial", "metrics": {"loss": 0.5}})");
}

TEST(Explanations, AreJsonAndCsv) {
  const std::vector<Explanation> rows = {
      {3, "oracle", R"({"model":"Gaussian process","length_scales":{"lr":0.25},"on":true})"},
      {4, "user", ""},
      {5, "oracle", "no JSON"}};
  EXPECT_EQ(to_csv(rows),
            "trial,source,note\n"
            "3,oracle,\"{\"\"model\"\":\"\"Gaussian process\"\",\"\"length_scales\"\":"
            "{\"\"lr\"\":0.25},\"\"on\"\":true}\"\n4,user,\n5,oracle,no JSON\n");
  const base::JsonDocument document = base::parse_json(to_json(rows), "explanations");
  const auto& list = document.root.at("explanations").as_array();
  EXPECT_EQ(list.at(0).at("note").at("length_scales").at("lr"), 0.25);
  EXPECT_TRUE(list.at(1).at("note").is_null());
}

TEST(Explanations, AreSearchedForAMember) {
  EXPECT_EQ(tuner::note_member(R"({"delegate":"tpe"})", "delegate"), "tpe");
  EXPECT_EQ(tuner::note_member(R"({"delegate":"tpe"})", "reason"), "");
  EXPECT_EQ(tuner::note_member("", "reason"), "");
}

}  // namespace
}  // namespace dodona
