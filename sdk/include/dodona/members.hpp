// SPDX-License-Identifier: Apache-2.0
//
// Members of a plugin's class that would be passed over: one of another form than the kernel calls,
// and one whose name is misspelt. The adapters of oracle.hpp, hypermodel.hpp and sink.hpp refuse
// both when they are compiled.
//
// names_save<T>() is true if T has a member `save` of whatever form, a private one too. Of a class
// that is final only a public member that is not overloaded is seen.
//
// spelt_save<T, Model&, std::string_view>() does not compile if T has a public function that can be
// called with these arguments and has nearly the name `save`. C++20 cannot list the members of a
// class, so nearly is a list: a letter left out or doubled, two neighbours exchanged, the name in
// capitals, and `eval`. A helper of such a name and such arguments is private, or has another name.
#pragma once

#include <dodona/visibility.hpp>

#include <type_traits>
#include <utility>

// Of names and arguments that helpers have as well.
#define DODONA_NEAR_NOTHING(X)
// clang-format off
#define DODONA_NEAR_DECLARE(X)                                                                     \
  X(eclare) X(dclare) X(delare) X(decare) X(declre) X(declae) X(declar) X(edclare) X(dcelare)      \
  X(delcare) X(decalre) X(declrae) X(declaer) X(ddeclare) X(deeclare) X(decclare) X(decllare)      \
  X(declaare) X(declarre) X(declaree) X(Declare)
#define DODONA_NEAR_EVALUATE(X)                                                                    \
  X(valuate) X(ealuate) X(evluate) X(evauate) X(evalate) X(evalute) X(evaluae) X(evaluat)          \
  X(vealuate) X(eavluate) X(evlauate) X(evaulate) X(evalaute) X(evalutae) X(evaluaet)              \
  X(eevaluate) X(evvaluate) X(evaaluate) X(evalluate) X(evaluuate) X(evaluaate) X(evaluatte)       \
  X(evaluatee) X(eval) X(Evaluate)
#define DODONA_NEAR_SAVE(X)                                                                        \
  X(ave) X(sve) X(sae) X(sav) X(asve) X(svae) X(saev) X(ssave) X(saave) X(savve) X(savee)          \
  X(Save)
#define DODONA_NEAR_LOAD(X)                                                                        \
  X(oad) X(lad) X(lod) X(loa) X(olad) X(laod) X(loda) X(lload) X(looad) X(loaad) X(loadd)          \
  X(Load)
#define DODONA_NEAR_PROPOSE(X)                                                                     \
  X(ropose) X(popose) X(prpose) X(proose) X(propse) X(propoe) X(propos) X(rpopose) X(porpose)      \
  X(prpoose) X(proopse) X(propsoe) X(propoes) X(ppropose) X(prropose) X(proopose) X(proppose)      \
  X(propoose) X(proposse) X(proposee) X(Propose)
#define DODONA_NEAR_JUDGE(X)                                                                       \
  X(udge) X(jdge) X(juge) X(jude) X(judg) X(ujdge) X(jduge) X(jugde) X(judeg) X(jjudge)            \
  X(juudge) X(juddge) X(judgge) X(judgee) X(Judge)
#define DODONA_NEAR_FILL(X)                                                                        \
  X(ill) X(fll) X(fil) X(ifll) X(flil) X(ffill) X(fiill) X(filll) X(Fill)
#define DODONA_NEAR_SET_SPACE(X)                                                                   \
  X(et_space) X(st_space) X(se_space) X(setspace) X(set_pace) X(set_sace) X(set_spce)              \
  X(set_spae) X(set_spac) X(est_space) X(ste_space) X(se_tspace) X(sets_pace) X(set_psace)         \
  X(set_sapce) X(set_spcae) X(set_spaec) X(sset_space) X(seet_space) X(sett_space)                 \
  X(set__space) X(set_sspace) X(set_sppace) X(set_spaace) X(set_spacce) X(set_spacee)              \
  X(SetSpace) X(setSpace)
// clang-format on

#define DODONA_REFUSE_SPELLING(near)                                \
  static_assert(                                                    \
      !requires { std::declval<T&>().near(std::declval<A>()...); }, \
      "the member function " #near                                  \
      " is never called: its arguments are those of a member with nearly its name");

#define DODONA_MEMBER(member, NEAR)                            \
  struct Named_##member {                                      \
    int member;                                                \
  };                                                           \
  template <class T>                                           \
  struct Both_##member : T, Named_##member {};                 \
  template <class T>                                           \
  constexpr bool names_##member() {                            \
    if constexpr (std::is_class_v<T> && !std::is_final_v<T>) { \
      return !requires {                                       \
        &Both_##member<T>::member;                             \
      };                                                       \
    } else {                                                   \
      return requires {                                        \
        &T::member;                                            \
      };                                                       \
    }                                                          \
  }                                                            \
  template <class T, class... A>                               \
  constexpr void spelt_##member() {                            \
    NEAR(DODONA_REFUSE_SPELLING)                               \
  }

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace detail {

DODONA_MEMBER(declare, DODONA_NEAR_DECLARE)
DODONA_MEMBER(evaluate, DODONA_NEAR_EVALUATE)
DODONA_MEMBER(save, DODONA_NEAR_SAVE)
DODONA_MEMBER(load, DODONA_NEAR_LOAD)
DODONA_MEMBER(metrics, DODONA_NEAR_NOTHING)
DODONA_MEMBER(evaluate_on, DODONA_NEAR_NOTHING)
DODONA_MEMBER(predict, DODONA_NEAR_NOTHING)
DODONA_MEMBER(summary, DODONA_NEAR_NOTHING)
DODONA_MEMBER(propose, DODONA_NEAR_PROPOSE)
DODONA_MEMBER(judge, DODONA_NEAR_JUDGE)
DODONA_MEMBER(fill, DODONA_NEAR_FILL)
DODONA_MEMBER(extension, DODONA_NEAR_NOTHING)
DODONA_MEMBER(estimate, DODONA_NEAR_NOTHING)
DODONA_MEMBER(set_space, DODONA_NEAR_SET_SPACE)

}  // namespace detail
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona

#undef DODONA_MEMBER
#undef DODONA_REFUSE_SPELLING
