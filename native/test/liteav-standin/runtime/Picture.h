#pragma once

#include "runtime/Kernel.h"

namespace standin {

/// Green is the pusher's, blue the player's.
enum class Field { Green, Blue };

/// A picture of one colour with a white diagonal from the top left, and in its top third a block that carries a frame
/// counter: 6 rows × 16 columns, 96 bits, most significant first: 52 bits clock (µs), 28 bits frame, CRC-16/CCITT-FALSE
/// of these ten bytes; a 1 is light, a 0 dark. Pictures below 64 px have no block.
class Picture {
  public:
    /// I420 (w·h·3/2 bytes) or BGRA (w·h·4 bytes). Sizes are even, at most 1920 × 1920.
    enum class Format { I420, Bgra, Rgba };

    Picture(Field field, Format format, int width, int height, uint32_t frame);
    ~Picture();
    Picture(const Picture &) = delete;
    Picture &operator=(const Picture &) = delete;

    char *data() const { return reinterpret_cast<char *>(data_); }
    int size() const { return size_; }
    int width() const { return width_; }
    int height() const { return height_; }

  private:
    void paintPlanar(Field field, const uint8_t *code);
    void paintPacked(Field field, Format format, const uint8_t *code);
    bool onDiagonal(int x, int y) const;
    /// 1 light, 0 dark, −1 outside the block.
    int codeBit(const uint8_t *code, int x, int y) const;

    uint8_t *data_ = nullptr;
    int size_ = 0;
    int width_;
    int height_;
};

/// Fills the window's client area, or `area` of it, with the field and its diagonal. `otherDiagonal`: from the top
/// right (mirrored, or turned by 90°). `fit`: a centred 16:9 field, black around it. A window that is gone is left
/// alone.
void paintWindow(HWND window, Field field, bool otherDiagonal, bool fit, const RECT *area = nullptr);

} // namespace standin
