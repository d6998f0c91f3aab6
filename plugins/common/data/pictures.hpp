// SPDX-License-Identifier: Apache-2.0
//
// Pictures in files of PNG and of PGM and PPM (binary).
//
// Grey pictures have one channel, others three: red, green and blue. Of 16 bits a sample the upper
// 8 are kept, and transparency is left out.
//
// Source:  PNG: ISO/IEC 15948:2003, without interlacing; PGM and PPM: the layouts P5 and P6 of
//          http://netpbm.sourceforge.net/doc/ppm.html.
// Errors:  Error{DODONA_E_IO} with the file's name, the fault and what would be right. Memory is
//          allocated for a picture of at most 2^28 samples.
// Threads: pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dodona::common {

// Shapes: samples[channels][rows][columns].
struct Picture {
  std::uint32_t channels = 0;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::vector<std::uint8_t> samples{};
};

// True for names that end in .png, .ppm or .pgm, in small or capital letters.
bool is_picture(const std::string& name);

// Decodes a file. `name` is the file's name in messages.
Picture decode_picture(std::span<const std::uint8_t> file, const std::string& name);

}  // namespace dodona::common
