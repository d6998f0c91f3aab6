// SPDX-License-Identifier: Apache-2.0
//
// A plugin's library, loaded as the kernel loads it, and facts about its file.
//
// Errors:  the constructor throws Error{DODONA_E_PLUGIN} for a file that cannot be loaded or has no
//          entry of this epoch.
// Threads: one; the working directory and the standard streams are others while it is loaded.
// Lifetime: the library stays loaded until the process ends.
#pragma once

#include <dodona/abi.h>
#include <dodona/error.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <link.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// Number of threads of this process; 0 where the system does not say.
inline std::size_t count_threads() {
  std::error_code code;
  const std::filesystem::directory_iterator all("/proc/self/task", code);
  return code ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// Number of open files of this process; 0 where the system does not say.
inline std::size_t count_descriptors() {
  std::error_code code;
  const std::filesystem::directory_iterator all("/proc/self/fd", code);
  return code ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// The acts of a library while it was loaded and its entry was called.
struct LoadTrace {
  bool was_loaded = false;  // before: then the rest says nothing
  std::size_t threads = 0;
  std::size_t descriptors = 0;
  std::uint64_t output_bytes = 0;
  std::string file{};  // one that it made in the working directory
};

namespace detail {

// Sends the standard streams to a file, and the working directory to an empty folder, for as long
// as it lives.
class Watch {
 public:
  Watch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dodona-load-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
    file_ = ::open(std::filesystem::temp_directory_path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC,
                   0600);
    here_ = ::open(".", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
      kept_[stream] = ::fcntl(stream, F_DUPFD_CLOEXEC, 3);
      if (file_ >= 0) ::dup2(file_, stream);
    }
    moved_ = !folder_.empty() && ::chdir(folder_.c_str()) == 0;
    threads_ = count_threads();
    descriptors_ = count_descriptors();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    if (moved_ && ::fchdir(here_) != 0) moved_ = false;
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
      if (kept_[stream] >= 0) ::dup2(kept_[stream], stream);
      ::close(kept_[stream]);
    }
    ::close(file_);
    ::close(here_);
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  LoadTrace trace() const {
    LoadTrace out;
    out.threads = count_threads() - std::min(threads_, count_threads());
    out.descriptors = count_descriptors() - std::min(descriptors_, count_descriptors());
    struct stat status {};
    if (::fstat(file_, &status) == 0) out.output_bytes = static_cast<std::uint64_t>(status.st_size);
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, code)) {
      out.file = entry.path().filename().string();
    }
    return out;
  }

 private:
  std::string folder_;
  int file_ = -1;
  int here_ = -1;
  int kept_[3] = {-1, -1, -1};
  bool moved_ = false;
  std::size_t threads_ = 0;
  std::size_t descriptors_ = 0;
};

// The dynamic section of a loaded library.
class DynamicSection {
 public:
  explicit DynamicSection(const link_map& map) : map_(map) {
    for (const ElfW(Dyn)* each = map.l_ld; each->d_tag != DT_NULL; ++each) {
      if (each->d_tag == DT_STRTAB) strings_ = at<char>(each->d_un.d_ptr);
      if (each->d_tag == DT_SYMTAB) symbols_ = at<ElfW(Sym)>(each->d_un.d_ptr);
      if (each->d_tag == DT_HASH) count_ = at<std::uint32_t>(each->d_un.d_ptr)[1];
      if (each->d_tag == DT_GNU_HASH && count_ == 0) {
        count_ = count_of(at<std::uint32_t>(each->d_un.d_ptr));
      }
    }
  }

  // The texts of a tag such as DT_NEEDED.
  std::vector<std::string> texts(ElfW(Sxword) tag) const {
    std::vector<std::string> out;
    for (const ElfW(Dyn)* each = map_.l_ld; each->d_tag != DT_NULL; ++each) {
      if (each->d_tag == tag) out.emplace_back(strings_ + each->d_un.d_val);
    }
    return out;
  }

  std::vector<std::string> exports() const {
    std::vector<std::string> out;
    for (std::uint32_t i = 0; i < count_; ++i) {
      const ElfW(Sym)& symbol = symbols_[i];
      const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
      if (symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
          (visibility == STV_DEFAULT || visibility == STV_PROTECTED)) {
        out.emplace_back(strings_ + symbol.st_name);
      }
    }
    return out;
  }

 private:
  // Some systems leave addresses as the file has them.
  template <class T>
  const T* at(ElfW(Addr) address) const {
    if (address < map_.l_addr) address += map_.l_addr;
    return reinterpret_cast<const T*>(address);
  }

  // The number of symbols by a table of DT_GNU_HASH: one beyond the last of the last chain.
  static std::uint32_t count_of(const std::uint32_t* table) {
    const std::uint32_t buckets = table[0];
    const std::uint32_t first = table[1];
    const std::uint32_t* const heads = table + 4 + table[2] * (sizeof(ElfW(Addr)) / 4);
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < buckets; ++i) last = std::max(last, heads[i]);
    if (last < first) return first;
    const std::uint32_t* const chains = heads + buckets;
    while ((chains[last - first] & 1U) == 0) ++last;
    return last + 1;
  }

  const link_map& map_;
  const char* strings_ = "";
  const ElfW(Sym) * symbols_ = nullptr;
  std::uint32_t count_ = 0;
};

// The search for the build-id of the library at `base`.
struct BuildIdSearch {
  ElfW(Addr) base;
  bool found = false;
};

// Looks for a GNU build-id among the notes of the library at `base`.
inline int find_build_id(dl_phdr_info* info, std::size_t, void* context) {
  auto& search = *static_cast<BuildIdSearch*>(context);
  if (info->dlpi_addr != search.base) return 0;
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);
    const char* const end = at + segment.p_filesz;
    const std::size_t align = segment.p_align == 8 ? 8 : 4;
    while (static_cast<std::size_t>(end - at) >= sizeof(ElfW(Nhdr))) {
      ElfW(Nhdr) head;
      std::memcpy(&head, at, sizeof head);
      at += sizeof head;
      const std::size_t size =
          (head.n_namesz + align - 1) / align * align + (head.n_descsz + align - 1) / align * align;
      if (size > static_cast<std::size_t>(end - at)) break;
      search.found |= head.n_type == NT_GNU_BUILD_ID &&
                      std::string_view(at, head.n_namesz) == std::string_view("GNU\0", 4);
      at += size;
    }
  }
  return 1;
}

}  // namespace detail

// A loaded library with its module, and facts about its file.
class Library {
 public:
  explicit Library(const std::filesystem::path& file) : file_(std::filesystem::absolute(file)) {
    void* const before = ::dlopen(file_.c_str(), RTLD_NOLOAD | RTLD_NOW | RTLD_LOCAL);
    {
      const detail::Watch watch;
      handle_ = ::dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
      if (handle_ != nullptr) entry_ = own_entry();
      if (entry_ != nullptr) module_ = entry_();
      trace_ = watch.trace();
    }
    trace_.was_loaded = before != nullptr;
    if (handle_ == nullptr) throw Error(DODONA_E_PLUGIN, ::dlerror());
    const std::string entry = DODONA_ENTRY_SYMBOL;
    if (entry_ == nullptr) throw Error(DODONA_E_PLUGIN, "does not export " + entry);
    if (module_ == nullptr) throw Error(DODONA_E_PLUGIN, entry + " answers NULL");
    read_file_facts();
  }

  const std::filesystem::path& file() const { return file_; }
  const dodona_module& module() const { return *module_; }
  const dodona_module* call_entry() const { return entry_(); }
  const LoadTrace& trace() const { return trace_; }
  const std::vector<std::string>& exports() const { return exports_; }
  const std::vector<std::string>& needed() const { return needed_; }
  const std::vector<std::string>& search_paths() const { return search_paths_; }
  bool has_build_id() const { return has_build_id_; }

 private:
  using Entry = const dodona_module*(DODONA_CALL*)() noexcept;

  // A symbol is also found in what the library links to: only its own counts.
  Entry own_entry() const {
    void* const symbol = ::dlsym(handle_, DODONA_ENTRY_SYMBOL);
    Dl_info info{};
    std::error_code ignored;
    if (symbol == nullptr || ::dladdr(symbol, &info) == 0 ||
        !std::filesystem::equivalent(info.dli_fname, file_, ignored)) {
      return nullptr;
    }
    return reinterpret_cast<Entry>(symbol);
  }

  void read_file_facts() {
    link_map* map = nullptr;
    if (::dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return;
    const detail::DynamicSection section(*map);
    exports_ = section.exports();
    needed_ = section.texts(DT_NEEDED);
    search_paths_ = section.texts(DT_RUNPATH);
    for (std::string& each : section.texts(DT_RPATH)) search_paths_.push_back(std::move(each));
    detail::BuildIdSearch search{map->l_addr};
    ::dl_iterate_phdr(detail::find_build_id, &search);
    has_build_id_ = search.found;
  }

  std::filesystem::path file_;
  void* handle_ = nullptr;
  Entry entry_ = nullptr;
  const dodona_module* module_ = nullptr;
  LoadTrace trace_;
  std::vector<std::string> exports_;
  std::vector<std::string> needed_;
  std::vector<std::string> search_paths_;
  bool has_build_id_ = false;
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
