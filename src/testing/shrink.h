// Makes a list of choices that fails as small as it gets.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace heddle::testing {

// fails(choices): whether a run with these choices still fails in the same way; choices beyond the
// list are tame. Every choice is lowered towards 0, the tame one, as far as the run still fails;
// spans first, then one by one. At most runs_max runs.
std::vector<std::uint32_t> shrink(
    std::vector<std::uint32_t> choices,
    const std::function<bool(const std::vector<std::uint32_t>&)>& fails, std::uint32_t runs_max);

}  // namespace heddle::testing
