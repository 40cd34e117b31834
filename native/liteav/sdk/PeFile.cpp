#include "liteav/sdk/PeFile.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "engine/Error.h"
#include "liteav/sdk/Paths.h"

namespace rtcroom::liteav {

using engine::EngineException;
using engine::ErrorCode;

namespace {

[[noreturn]] void corrupt(const std::string &why) {
    throw EngineException(ErrorCode::SdkCorrupt,
                          "the LiteAV SDK's file is not a whole Windows library (" + why + "); unpack the SDK again");
}

/// Little-endian numbers and text at checked places. Of a large file only the blocks are read that are looked at.
class Reader {
  public:
    /// Fills `bytes` from `at` on; asked inside of the file only.
    using Read = std::function<void(uint64_t at, std::span<uint8_t> bytes)>;

    Reader(uint64_t size, Read read) : size_(size), read_(std::move(read)) {}
    uint64_t size() const { return size_; }
    uint16_t u16(uint64_t at) { return static_cast<uint16_t>(number(at, 2)); }
    uint32_t u32(uint64_t at) { return static_cast<uint32_t>(number(at, 4)); }
    std::string text(uint64_t at) {
        // A file's name is never this long.
        constexpr size_t LONGEST = 260;
        std::string result;
        for (; result.size() <= LONGEST; ++at) {
            const char c = static_cast<char>(number(at, 1));
            if (c == '\0')
                return result;
            result += c;
        }
        corrupt("an endless name");
    }

  private:
    static constexpr uint64_t BLOCK = 16 * 1024;

    uint64_t number(uint64_t at, uint64_t count) {
        if (at > size_ || count > size_ - at)
            corrupt("it is cut off");
        uint64_t value = 0;
        for (uint64_t i = count; i > 0; --i)
            value = value << 8 | byte(at + i - 1);
        return value;
    }
    uint8_t byte(uint64_t at) {
        if (block_.empty() || at < blockAt_ || at - blockAt_ >= block_.size()) {
            blockAt_ = at / BLOCK * BLOCK;
            block_.resize(static_cast<size_t>(std::min(BLOCK, size_ - blockAt_)));
            read_(blockAt_, block_);
        }
        return block_[static_cast<size_t>(at - blockAt_)];
    }

    const uint64_t size_;
    const Read read_;
    uint64_t blockAt_ = 0;
    std::vector<uint8_t> block_;
};

struct Section {
    uint64_t address;
    uint64_t size;
    uint64_t offset;
};

uint64_t fileOffset(const std::vector<Section> &sections, uint64_t address) {
    for (const Section &section : sections)
        if (address >= section.address && address - section.address < section.size)
            return section.offset + (address - section.address);
    corrupt("an address outside of its sections");
}

std::string small(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

const char *nodeOf(uint16_t machine) {
    switch (machine) {
    case MACHINE_X86:
        return "32-bit (ia32)";
    case MACHINE_X64:
        return "64-bit (x64)";
    case MACHINE_ARM64:
        return "ARM (arm64)";
    default:
        return "another machine's";
    }
}

PeFile parse(Reader &in) {
    if (in.size() < 64 || in.u16(0) != 0x5A4D)
        corrupt("it does not begin like one");
    const uint64_t header = in.u32(0x3C);
    if (in.u32(header) != 0x4550)
        corrupt("it has no PE header");
    PeFile file;
    file.machine = in.u16(header + 4);
    const uint16_t sectionCount = in.u16(header + 6);
    const uint64_t optional = header + 24;
    const uint64_t optionalSize = in.u16(header + 20);
    file.library = (in.u16(header + 22) & 0x2000) != 0;
    const uint16_t magic = in.u16(optional);
    if (magic != 0x10B && magic != 0x20B)
        corrupt("an unknown kind of header");
    // The directories follow the part whose length depends on the pointers' size.
    const uint64_t directories = optional + (magic == 0x20B ? 112 : 96);
    const uint32_t directoryCount = in.u32(directories - 4);
    std::vector<Section> sections;
    for (uint64_t i = 0; i < sectionCount; ++i) {
        const uint64_t at = optional + optionalSize + i * 40;
        const Section section{in.u32(at + 12), in.u32(at + 16), in.u32(at + 20)};
        if (section.size > 0 && (section.offset > in.size() || section.size > in.size() - section.offset))
            corrupt("it is cut off");
        sections.push_back(section);
    }
    // Directory 1 is the import table.
    const uint32_t imports = directoryCount > 1 ? in.u32(directories + 8) : 0;
    if (imports == 0)
        return file;
    constexpr int MOST_IMPORTS = 1024;
    uint64_t at = fileOffset(sections, imports);
    for (int i = 0; i < MOST_IMPORTS; ++i, at += 20) {
        const uint32_t name = in.u32(at + 12);
        if (name == 0)
            return file;
        file.imports.push_back(in.text(fileOffset(sections, name)));
    }
    corrupt("an endless table of imports");
}

} // namespace

PeFile parsePe(std::span<const uint8_t> bytes) {
    Reader in(bytes.size(), [bytes](uint64_t at, std::span<uint8_t> block) {
        std::ranges::copy(bytes.subspan(static_cast<size_t>(at), block.size()), block.begin());
    });
    return parse(in);
}

PeFile readPe(const std::string &path) {
    std::ifstream file(toPath(path), std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    if (size < 0)
        throw EngineException(ErrorCode::SdkNotFound, "the LiteAV SDK's file " + path +
                                                          " cannot be opened; check that it is there and readable");
    Reader in(static_cast<uint64_t>(size), [&file](uint64_t at, std::span<uint8_t> block) {
        file.seekg(static_cast<std::streamoff>(at));
        if (!file.read(reinterpret_cast<char *>(block.data()), static_cast<std::streamsize>(block.size())))
            corrupt("it cannot be read");
    });
    return parse(in);
}

void checkLibrary(const std::string &path, uint16_t machine, const std::function<bool(const std::string &)> &inSystem) {
    std::map<std::string, std::string> beside;
    std::error_code ignored;
    // Not a range's loop: its ++ throws.
    for (std::filesystem::directory_iterator entry(toPath(path).parent_path(), ignored), end; entry != end;
         entry.increment(ignored))
        beside.emplace(small(toUtf8(entry->path().filename())), toUtf8(entry->path()));
    std::vector<std::string> open{path};
    std::set<std::string> seen;
    std::vector<std::string> missing;
    while (!open.empty()) {
        const std::string file = open.back();
        open.pop_back();
        const std::string name = toUtf8(toPath(file).filename());
        PeFile pe;
        try {
            pe = readPe(file);
        } catch (const EngineException &failure) {
            throw EngineException(failure.error().code, name + ": " + failure.error().message);
        }
        if (pe.machine != machine)
            throw EngineException(ErrorCode::SdkWrongArchitecture, name + " is for a " + nodeOf(pe.machine) +
                                                                       " process, this one is " + nodeOf(machine) +
                                                                       ": use the " + nodeOf(pe.machine) +
                                                                       " Node, or the SDK for this one");
        if (!pe.library)
            corrupt(name + " is a program, not a library");
        for (const std::string &import : pe.imports) {
            const std::string key = small(import);
            if (!seen.insert(key).second)
                continue;
            const auto found = beside.find(key);
            if (found != beside.end())
                open.push_back(found->second);
            else if (!inSystem(key))
                missing.push_back(import + " (needed by " + name + ")");
        }
    }
    if (missing.empty())
        return;
    std::string list;
    for (const std::string &each : missing)
        list += (list.empty() ? "" : ", ") + each;
    throw EngineException(ErrorCode::SdkDependencyMissing,
                          "the LiteAV SDK lacks " + list +
                              ": put the whole SDK's DLLs into one folder; msvc… and "
                              "vcruntime… come with Microsoft's Visual C++ redistributable");
}

} // namespace rtcroom::liteav
