#include "window/WindowRenderer.h"

#include <utility>

namespace rtcroom::window {

void WindowRenderer::attach(uint64_t window) {
    check(window);
    attachChecked(window);
}

void WindowRenderer::check(uint64_t window) const {
    {
        const std::lock_guard lock(mutex_);
        if (window == 0 || window == window_)
            return;
    }
    requireWindow(window);
}

void WindowRenderer::attachChecked(uint64_t window) {
    if (window == 0) {
        detach();
        return;
    }
    Attachment old;
    {
        const std::lock_guard lock(mutex_);
        if (window_ == window)
            return;
        Attachment next;
        next.thread = attachment_.thread ? attachment_.thread : WindowThread::share();
        next.canvas = std::make_shared<Canvas>(*next.thread, window, look_, [this, window](const std::string &reason) {
            {
                const std::lock_guard inner(mutex_);
                // Another has taken its place meanwhile.
                if (window_ != window)
                    return;
                window_ = 0;
            }
            lost_(reason);
        });
        if (!status_.empty())
            next.canvas->setStatus(status_);
        next.thread->post([canvas = next.canvas] { canvas->open(); });
        old = std::exchange(attachment_, std::move(next));
        window_ = window;
    }
    end(std::move(old));
}

void WindowRenderer::detach() {
    Attachment old;
    {
        const std::lock_guard lock(mutex_);
        // The thread stays: whoever destroys this may wait for its end, a caller of detach() may not.
        old = {attachment_.thread, std::exchange(attachment_.canvas, nullptr)};
        window_ = 0;
    }
    end(std::move(old));
}

void WindowRenderer::end(Attachment attachment) {
    if (!attachment.canvas)
        return;
    attachment.canvas->forget();
    attachment.thread->post([canvas = attachment.canvas] { canvas->close(); });
}

bool WindowRenderer::attached() const {
    const std::lock_guard lock(mutex_);
    return window_ != 0;
}

void WindowRenderer::show(Picture picture) {
    const std::lock_guard lock(mutex_);
    if (window_ != 0)
        attachment_.canvas->offer(std::move(picture));
}

void WindowRenderer::clear() {
    const std::lock_guard lock(mutex_);
    if (window_ != 0)
        attachment_.canvas->clear();
}

template <typename Change> void WindowRenderer::changeLook(Change change) {
    const std::lock_guard lock(mutex_);
    change(look_);
    if (attachment_.canvas)
        attachment_.canvas->setLook(look_);
}

void WindowRenderer::setRenderMode(int mode) {
    const RenderMode value = renderMode(mode);
    changeLook([value](Look &look) { look.mode = value; });
}

void WindowRenderer::setRotation(int rotation) {
    const int turns = quarterTurns(rotation);
    changeLook([turns](Look &look) { look.quarterTurns = turns; });
}

void WindowRenderer::setMirror(bool mirror) {
    changeLook([mirror](Look &look) { look.mirror = mirror; });
}

void WindowRenderer::setStatus(const std::string &lines) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(status_, lines) != lines && attachment_.canvas)
        attachment_.canvas->setStatus(lines);
}

} // namespace rtcroom::window
