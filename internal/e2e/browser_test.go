package e2e

import (
	"context"
	"errors"
	"os/exec"
	"sync"

	"github.com/chromedp/chromedp"
)

var errNoChromium = errors.New("the browser tests need Chromium: run `make test`, which installs it, " +
	"or put chromium, chromium-browser or google-chrome on the PATH")

// browser starts one headless Chromium for all tests of this process.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		// Chromium's sandbox refuses to run for root, and for others where they may make no namespaces, as in a container.
		// What it would keep in is our own pages alone.
		chromedp.NoSandbox,
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// Nothing outside this machine can be reached, whatever the pages or the browser itself want.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	closers.add(func() {
		chromedp.Cancel(ctx)
		cancel()
		cancelAllocator()
	})
	return ctx, chromedp.Do(ctx)
})

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoChromium
}
