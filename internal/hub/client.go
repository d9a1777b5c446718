// Package hub downloads models from the Hugging Face hub, or from a server that speaks its API.
//
// Nothing that the server says is trusted: names are checked before they become paths, sizes before they are fetched,
// and every file is held against the hash that the hub lists for the revision. A download that breaks off goes on where
// it stopped, now or in a later call. Redirects lead to https, or to this machine, only.
package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rankloop/ranking"
)

// DefaultEndpoint is the hub itself.
const DefaultEndpoint = "https://huggingface.co"

const (
	redirectsMax  = 10
	attemptsMax   = 5                // without a byte of progress
	silenceMax    = time.Minute      // of a server that is sending
	retryWaitMax  = 30 * time.Second // between attempts
	errorBytesMax = 4 << 10          // read of a refusal
	userAgent     = "rankloop"
)

// Client talks to one hub.
type Client struct {
	endpoint *url.URL
	token    string
	http     *http.Client
	silence  time.Duration
	wait     func(ctx context.Context, attempt int, asked time.Duration) error
	free     func(folder string) (bytes int64, known bool)
}

// New makes a client. An empty endpoint is the hub; an empty token reads what is public. The token is sent to the
// endpoint's host alone.
func New(endpoint, token string) (*Client, error) {
	if endpoint == "" {
		endpoint = DefaultEndpoint
	}
	u, err := url.Parse(strings.TrimSuffix(endpoint, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%q is no address of a hub; write https://HOST", endpoint)
	}
	if err := checkTarget(u); err != nil {
		return nil, ranking.Errorf(ranking.CodeInvalid, "the hub's address: %s", err)
	}
	if strings.ContainsAny(token, "\r\n \t") {
		return nil, ranking.Errorf(ranking.CodeInvalid, "the hub's token holds white space")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = silenceMax
	transport.DisableCompression = true // sizes and ranges are those of the files
	return &Client{
		endpoint: u, token: token, silence: silenceMax, wait: waitBetween, free: freeBytes,
		http: &http.Client{Transport: transport, CheckRedirect: checkRedirect},
	}, nil
}

// checkTarget allows https anywhere, and plain http on this machine.
func checkTarget(u *url.URL) error {
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s://%s is neither https nor on this machine", u.Scheme, u.Host)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// errRedirect is a refused redirect, which no further attempt changes.
var errRedirect = errors.New("refused to follow a redirect")

func checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) >= redirectsMax {
		return fmt.Errorf("%w: more than %d of them", errRedirect, redirectsMax)
	}
	if err := checkTarget(next.URL); err != nil {
		return fmt.Errorf("%w: %w", errRedirect, err)
	}
	if next.URL.Host != before[0].URL.Host { // net/http would send it to subdomains and to other ports as well
		next.Header.Del("Authorization")
	}
	return nil
}

// request asks for a path of the hub, whose parts are escaped already.
func (c *Client) request(ctx context.Context, method, path string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.endpoint.String()+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", userAgent)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return r, nil
}

// temporary is a failure that another attempt may not meet.
type temporary struct {
	error
	after time.Duration // that the server asks to wait
}

func (t temporary) Unwrap() error { return t.error }

// refusal turns an answer other than success into an error about what was asked for.
func refusal(answer *http.Response, what string) error {
	text, _ := io.ReadAll(io.LimitReader(answer.Body, errorBytesMax)) // of a refusal, any part will do
	answer.Body.Close()
	switch status := answer.StatusCode; {
	case status == http.StatusNotFound:
		return ranking.Errorf(ranking.CodeNotFound, "the hub has no %s", what)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return ranking.Errorf(ranking.CodeForbidden,
			"the hub does not give out %s: the name may be wrong, or it is private or gated; accept its terms there and set HF_TOKEN", what)
	case status == http.StatusTooManyRequests || status >= 500:
		return temporary{fmt.Errorf("the hub answers %s for %s", answer.Status, what), retryAfter(answer)}
	default:
		return fmt.Errorf("the hub answers %s for %s: %.200q", answer.Status, what, text)
	}
}

func retryAfter(answer *http.Response) time.Duration {
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, 3600)) * time.Second
}

// waitBetween waits before attempt n (1, 2, …): a second, two, four, or what the server asked for.
func waitBetween(ctx context.Context, n int, asked time.Duration) error {
	timer := time.NewTimer(min(max(asked, time.Second<<min(n-1, 5)), retryWaitMax))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retry calls attempt until it succeeds, fails for good, or has failed several times in a row without progress.
func (c *Client) retry(ctx context.Context, attempt func() (progress bool, err error)) error {
	for failed := 0; ; {
		progress, err := attempt()
		var passing temporary
		if err == nil || !errors.As(err, &passing) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if progress {
			failed = 0
		}
		if failed++; failed >= attemptsMax {
			return ranking.Errorf(ranking.CodeUnavailable, "%s, after %d attempts; run the command again to go on", passing.error, failed).WithCause(err)
		}
		if err := c.wait(ctx, failed, passing.after); err != nil {
			return err
		}
	}
}

// transportError sorts failures to get an answer at all.
func transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, errRedirect) {
		return ranking.Errorf(ranking.CodeForbidden, "%s", unwrapURL(err))
	}
	return temporary{error: fmt.Errorf("the hub cannot be reached: %w", unwrapURL(err))}
}

// unwrapURL drops the address from an error, since that of a redirect may hold a signature.
func unwrapURL(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}
