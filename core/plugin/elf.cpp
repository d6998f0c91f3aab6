// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf.hpp"

#include "base/text.hpp"

#include <dodona/error.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <optional>
#include <type_traits>

namespace dodona::plugin {
namespace {

static_assert(std::endian::native == std::endian::little, "structs are copied from the file");

class ElfReader {
 public:
  ElfReader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(DODONA_E_PLUGIN, file_ + ": " + what);
  }

  std::string_view slice(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) {
      fail(std::string("its ") + what + " lies outside the file; is it cut short?");
    }
    return bytes_.substr(offset, size);
  }

  template <class T>
  T get(std::uint64_t offset, const char* what) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T out;
    std::memcpy(&out, slice(offset, sizeof out, what).data(), sizeof out);
    return out;
  }

  // The i-th of a table of T that starts at `offset`.
  template <class T>
  T entry(std::uint64_t offset, std::uint64_t i, const char* what) const {
    const std::uint64_t at = offset + i * sizeof(T);
    if (at < offset) fail(std::string("its ") + what + " lies outside the file");
    return get<T>(at, what);
  }

 private:
  std::string_view bytes_;
  const std::string& file_;
};

Elf64_Ehdr read_header(const ElfReader& reader, std::string_view bytes) {
  if (bytes.substr(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG)) {
    reader.fail("is not an ELF library");
  }
  const auto header = reader.get<Elf64_Ehdr>(0, "ELF header");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    reader.fail("is not a 64-bit little-endian library");
  }
  if (header.e_type != ET_DYN) reader.fail("is not a shared library");
  return header;
}

constexpr std::uint64_t padded(std::uint64_t size, std::uint64_t align) {
  return (size + align - 1) / align * align;
}

// The GNU build-id among the notes of one segment, or nothing.
std::string build_id_of(std::string_view notes, std::uint64_t align) {
  while (notes.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr head;
    std::memcpy(&head, notes.data(), sizeof head);
    notes.remove_prefix(sizeof head);
    const std::uint64_t name_size = padded(head.n_namesz, align);
    const std::uint64_t text_size = padded(head.n_descsz, align);
    if (name_size > notes.size() || head.n_descsz > notes.size() - name_size) return {};
    const std::string_view name = notes.substr(0, head.n_namesz);
    if (head.n_type == NT_GNU_BUILD_ID && name == std::string_view("GNU\0", 4)) {
      return base::to_hex(notes.substr(name_size, head.n_descsz));
    }
    if (text_size > notes.size() - name_size) return {};
    notes.remove_prefix(name_size + text_size);
  }
  return {};
}

std::string read_build_id(const ElfReader& reader, const Elf64_Ehdr& header) {
  if (header.e_phnum > 0 && header.e_phentsize != sizeof(Elf64_Phdr)) {
    reader.fail("has program headers of an unknown size");
  }
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = reader.entry<Elf64_Phdr>(header.e_phoff, i, "program header");
    if (segment.p_type != PT_NOTE) continue;
    const std::string_view notes = reader.slice(segment.p_offset, segment.p_filesz, "note segment");
    std::string id = build_id_of(notes, segment.p_align == 8 ? 8 : 4);
    if (!id.empty()) return id;
  }
  return {};
}

bool is_exported(const Elf64_Sym& symbol) {
  const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

// A section with the table of names that it refers to.
struct Section {
  Elf64_Shdr header;
  std::string_view names;
};

// The first section of a type, of which a library has at most one, or nothing.
std::optional<Section> find_section(const ElfReader& reader, const Elf64_Ehdr& header,
                                    std::uint32_t type) {
  if (header.e_shnum > 0 && header.e_shentsize != sizeof(Elf64_Shdr)) {
    reader.fail("has section headers of an unknown size");
  }
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const auto section = reader.entry<Elf64_Shdr>(header.e_shoff, i, "section header");
    if (section.sh_type != type) continue;
    const auto strings =
        reader.entry<Elf64_Shdr>(header.e_shoff, section.sh_link, "section header of symbol names");
    return Section{section,
                   reader.slice(strings.sh_offset, strings.sh_size, "table of symbol names")};
  }
  return std::nullopt;
}

std::string name_at(const ElfReader& reader, std::string_view names, std::uint64_t offset) {
  if (offset >= names.size()) reader.fail("a symbol's name lies outside its table");
  const std::string_view name = names.substr(offset);
  return std::string(name.substr(0, name.find('\0')));
}

std::vector<std::string> read_exports(const ElfReader& reader, const Elf64_Ehdr& header) {
  std::vector<std::string> names;
  const auto section = find_section(reader, header, SHT_DYNSYM);
  if (!section) return names;
  const std::string_view table =
      reader.slice(section->header.sh_offset, section->header.sh_size, "symbol table");
  for (std::size_t at = 0; table.size() - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, table.data() + at, sizeof symbol);
    if (is_exported(symbol)) names.push_back(name_at(reader, section->names, symbol.st_name));
  }
  return names;
}

std::vector<std::string> read_needed(const ElfReader& reader, const Elf64_Ehdr& header) {
  std::vector<std::string> names;
  const auto section = find_section(reader, header, SHT_DYNAMIC);
  if (!section) return names;
  const std::string_view table =
      reader.slice(section->header.sh_offset, section->header.sh_size, "dynamic section");
  for (std::size_t at = 0; table.size() - at >= sizeof(Elf64_Dyn); at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn entry;
    std::memcpy(&entry, table.data() + at, sizeof entry);
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) {
      names.push_back(name_at(reader, section->names, entry.d_un.d_val));
    }
  }
  return names;
}

}  // namespace

ElfFacts read_elf(std::string_view bytes, const std::string& file) {
  const ElfReader reader(bytes, file);
  const Elf64_Ehdr header = read_header(reader, bytes);
  return {read_build_id(reader, header), read_exports(reader, header), read_needed(reader, header)};
}

}  // namespace dodona::plugin
