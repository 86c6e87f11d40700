#include <heddle/multiprocessing/remote_call.h>

#include <elf.h>
#include <link.h>

namespace heddle::multiprocessing {

void Decoder::fail(const std::string& why) { throw DecodeError("cannot decode: " + why); }

namespace {

// The program's own image: where it lies and which build it is.
struct Image {
  std::uintptr_t base = 0;
  std::uintptr_t code_begin = 0;
  std::uintptr_t code_end = 0;
  std::string build_id;
};

// The build-id from the program's notes; empty when it was linked without one.
std::string build_id_of(const char* notes, std::size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes, sizeof header);
    std::size_t name_size = (header.n_namesz + 3u) & ~std::size_t{3};
    std::size_t body_size = (header.n_descsz + 3u) & ~std::size_t{3};
    if (sizeof header + name_size + body_size > size) break;
    const char* name = notes + sizeof header;
    if (header.n_type == NT_GNU_BUILD_ID &&
        std::string_view(name, header.n_namesz).starts_with("GNU")) {
      return std::string(name + name_size, header.n_descsz);
    }
    notes += sizeof header + name_size + body_size;
    size -= sizeof header + name_size + body_size;
  }
  return {};
}

int read_image(dl_phdr_info* info, std::size_t, void* argument) {
  auto& image = *static_cast<Image*>(argument);
  image.base = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0) {
      image.code_begin = begin;
      image.code_end = begin + part.p_memsz;
    }
    if (part.p_type == PT_NOTE && image.build_id.empty()) {
      image.build_id = build_id_of(reinterpret_cast<const char*>(begin), part.p_memsz);
    }
  }
  return 1;  // the first entry is the program itself; libraries follow
}

const Image& image() {
  static const Image* program = [] {
    auto* read = new Image;
    ::dl_iterate_phdr(read_image, read);
    return read;
  }();
  return *program;
}

bool is_code(std::uintptr_t address) {
  return address >= image().code_begin && address < image().code_end;
}

}  // namespace

std::uint64_t detail::offset_of(const void* code) {
  auto address = reinterpret_cast<std::uintptr_t>(code);
  if (!is_code(address)) {
    throw TypeError(
        "this function cannot be sent to another process: it is null, or lives in a shared "
        "library; wrap it in a function of the "
        "program");
  }
  return address - image().base;
}

const void* detail::at_offset(std::uint64_t offset) {
  std::uintptr_t address = image().base + offset;
  if (!is_code(address)) Decoder::fail("a function lies outside of the program's code");
  return reinterpret_cast<const void*>(address);
}

std::string RemoteCall::encode() const {
  Encoder out;
  out(image().build_id, entry_, arguments_);
  return out.take();
}

std::string RemoteCall::run(std::string_view bytes) {
  std::string build_id;
  std::uint64_t entry = 0;
  std::string arguments;
  Decoder in(bytes);
  in(build_id, entry, arguments);
  if (build_id != image().build_id) {
    Decoder::fail("the call comes from another build of the program: restart both after building");
  }
  auto function = reinterpret_cast<RemoteEntry>(const_cast<void*>(detail::at_offset(entry)));
  Decoder reader(arguments);
  Encoder result;
  function(reader, result);
  return result.take();
}

}  // namespace heddle::multiprocessing
