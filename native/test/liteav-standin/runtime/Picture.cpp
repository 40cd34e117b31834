#include "runtime/Picture.h"

namespace standin {

namespace {

constexpr int ROWS = 6;
constexpr int COLUMNS = 16;
constexpr int MIN_SIZE = 64;
constexpr int CODE_BYTES = ROWS * COLUMNS / 8;
constexpr uint8_t LIGHT = 210;
constexpr uint8_t DARK = 40;

struct Colour {
    uint8_t red, green, blue; // full range
    uint8_t luma, cb, cr;     // BT.601, limited range
};
constexpr Colour GREEN = {0, 176, 0, 105, 71, 56};
constexpr Colour BLUE = {0, 0, 208, 37, 207, 97};
constexpr uint8_t WHITE_LUMA = 235;

const Colour &colourOf(Field field) { return field == Field::Green ? GREEN : BLUE; }

void fillCode(uint8_t (&code)[CODE_BYTES], uint32_t frame) {
    const uint64_t clock = static_cast<uint64_t>(nowMs()) * 1000u;
    for (int i = 0; i < 6; ++i)
        code[i] = static_cast<uint8_t>(clock >> (44 - 8 * i));
    code[6] = static_cast<uint8_t>((clock & 15) << 4 | (frame >> 24 & 15));
    code[7] = static_cast<uint8_t>(frame >> 16);
    code[8] = static_cast<uint8_t>(frame >> 8);
    code[9] = static_cast<uint8_t>(frame);
    uint32_t crc = 0xffff;
    for (int i = 0; i < 10; ++i) {
        crc ^= static_cast<uint32_t>(code[i]) << 8;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
    code[10] = static_cast<uint8_t>(crc >> 8);
    code[11] = static_cast<uint8_t>(crc);
}

} // namespace

Picture::Picture(Field field, Format format, int width, int height, uint32_t frame) : width_(width), height_(height) {
    size_ = format == Format::I420 ? width * height * 3 / 2 : width * height * 4;
    data_ = new uint8_t[static_cast<size_t>(size_)];
    uint8_t code[CODE_BYTES];
    fillCode(code, frame);
    if (format == Format::I420)
        paintPlanar(field, code);
    else
        paintPacked(field, format, code);
}

Picture::~Picture() { delete[] data_; }

bool Picture::onDiagonal(int x, int y) const {
    const int distance = x * height_ - y * width_;
    const int half = width_ > height_ ? width_ : height_;
    return distance >= -half && distance <= half;
}

int Picture::codeBit(const uint8_t *code, int x, int y) const {
    const int third = height_ / 3;
    if (width_ < MIN_SIZE || height_ < MIN_SIZE)
        return -1;
    int row = 0;
    while (row < ROWS && y >= (row + 1) * third / ROWS)
        ++row;
    if (row == ROWS)
        return -1;
    int column = x * COLUMNS / width_;
    while (column + 1 < COLUMNS && x >= (column + 1) * width_ / COLUMNS)
        ++column;
    const int index = row * COLUMNS + column;
    return code[index / 8] >> (7 - index % 8) & 1;
}

void Picture::paintPlanar(Field field, const uint8_t *code) {
    const Colour &colour = colourOf(field);
    uint8_t *at = data_;
    for (int y = 0; y < height_; ++y)
        for (int x = 0; x < width_; ++x) {
            const int bit = codeBit(code, x, y);
            *at++ = bit >= 0 ? (bit ? LIGHT : DARK) : onDiagonal(x, y) ? WHITE_LUMA : colour.luma;
        }
    const int chroma = (width_ / 2) * (height_ / 2);
    const uint8_t planes[] = {colour.cb, colour.cr};
    for (const uint8_t value : planes)
        for (int i = 0; i < chroma; ++i) {
            const int y = i / (width_ / 2) * 2;
            const int x = i % (width_ / 2) * 2;
            const bool grey = codeBit(code, x, y) >= 0 || onDiagonal(x, y);
            *at++ = grey ? 128 : value;
        }
}

void Picture::paintPacked(Field field, Format format, const uint8_t *code) {
    const Colour &colour = colourOf(field);
    const uint8_t first = format == Format::Bgra ? colour.blue : colour.red;
    const uint8_t third = format == Format::Bgra ? colour.red : colour.blue;
    uint8_t *at = data_;
    for (int y = 0; y < height_; ++y)
        for (int x = 0; x < width_; ++x, at += 4) {
            const int bit = codeBit(code, x, y);
            const bool white = bit < 0 && onDiagonal(x, y);
            const uint8_t grey = bit >= 0 ? (bit ? LIGHT : DARK) : 255;
            const bool plain = bit < 0 && !white;
            at[0] = plain ? first : grey;
            at[1] = plain ? colour.green : grey;
            at[2] = plain ? third : grey;
            at[3] = 255;
        }
}

void paintWindow(HWND window, Field field, bool otherDiagonal, bool fit, const RECT *area) {
    RECT all{};
    if (!IsWindow(window) || !GetClientRect(window, &all))
        return;
    if (area && area->right > area->left && area->bottom > area->top)
        all = *area;
    const long wide = all.right - all.left;
    const long high = all.bottom - all.top;
    if (wide <= 0 || high <= 0)
        return;
    const Handle dc = GetDC(window);
    if (!dc)
        return;
    const auto fill = [dc](const RECT &rect, unsigned long colour) {
        const Handle brush = CreateSolidBrush(colour);
        FillRect(dc, &rect, brush);
        DeleteObject(brush);
    };
    RECT field16by9 = all;
    if (fit && wide * 9 > high * 16) {
        const long width = high * 16 / 9;
        field16by9.left = all.left + (wide - width) / 2;
        field16by9.right = field16by9.left + width;
        fill({all.left, all.top, field16by9.left, all.bottom}, 0);
        fill({field16by9.right, all.top, all.right, all.bottom}, 0);
    } else if (fit) {
        const long height = wide * 9 / 16;
        field16by9.top = all.top + (high - height) / 2;
        field16by9.bottom = field16by9.top + height;
        fill({all.left, all.top, all.right, field16by9.top}, 0);
        fill({all.left, field16by9.bottom, all.right, all.bottom}, 0);
    }
    const Colour &colour = colourOf(field);
    const unsigned long blueGreenRed =
        colour.red | static_cast<unsigned long>(colour.green) << 8 | static_cast<unsigned long>(colour.blue) << 16;
    fill(field16by9, blueGreenRed);
    constexpr unsigned long WHITE = 0xffffff;
    constexpr int LINE_PX = 5;
    const Handle pen = CreatePen(0, LINE_PX, WHITE);
    const Handle before = SelectObject(dc, pen);
    MoveToEx(dc, otherDiagonal ? field16by9.right : field16by9.left, field16by9.top, nullptr);
    LineTo(dc, otherDiagonal ? field16by9.left : field16by9.right, field16by9.bottom);
    SelectObject(dc, before);
    DeleteObject(pen);
    ReleaseDC(window, dc);
}

} // namespace standin
