#include "window/WindowRenderer.h"

#include <utility>

namespace rtcroom::window {

void WindowRenderer::attach(uint64_t window) {
    if (window == 0) {
        detach();
        return;
    }
    requireWindow(window);
    Attachment old;
    {
        const std::lock_guard lock(mutex_);
        if (attachment_.canvas && window_ == window)
            return;
        Attachment next;
        next.thread = attachment_.thread ? attachment_.thread : WindowThread::share();
        next.canvas = std::make_shared<Canvas>(*next.thread, window, look_, [this](const std::string &reason) {
            {
                const std::lock_guard inner(mutex_);
                window_ = 0;
            }
            lost_(reason);
        });
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
    return attachment_.canvas != nullptr;
}

void WindowRenderer::show(Picture picture) {
    const std::lock_guard lock(mutex_);
    if (attachment_.canvas)
        attachment_.canvas->offer(std::move(picture));
}

void WindowRenderer::clear() {
    const std::lock_guard lock(mutex_);
    if (attachment_.canvas)
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

} // namespace rtcroom::window
