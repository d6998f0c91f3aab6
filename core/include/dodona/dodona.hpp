// SPDX-License-Identifier: Apache-2.0
//
// The whole embedding API.
#pragma once

#include <dodona/asked_trial.hpp>
#include <dodona/build.hpp>
#include <dodona/insight.hpp>
#include <dodona/kernel.hpp>
#include <dodona/models.hpp>
#include <dodona/objects.hpp>
#include <dodona/result.hpp>
#include <dodona/status.hpp>
#include <dodona/study.hpp>
#include <dodona/study_options.hpp>
#include <dodona/tuner.hpp>
#include <dodona/upkeep.hpp>
