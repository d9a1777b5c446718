package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"

	"rankloop/ranking"
)

const (
	requestTimeout   = time.Minute
	maxResponseBytes = 64 << 20
	maxAttempts      = 8                      // of a request that the server or the network failed
	firstPause       = 100 * time.Millisecond // doubled after each attempt
)

// client is one annotator's connection to the server: the JSON API that the pages' handlers also speak.
type client struct {
	base string
	http *http.Client
}

func newClient(base string, transport http.RoundTripper) (*client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &client{base: base, http: &http.Client{Transport: transport, Jar: jar, Timeout: requestTimeout}}, nil
}

// lease is a task as the server hands it out.
type lease struct {
	Token  string  `json:"lease"`
	Order  []int64 `json:"order"`
	Prompt struct {
		ID string `json:"id"`
	} `json:"prompt"`
}

func (c *client) signIn(ctx context.Context, email, password string) error {
	_, err := c.call(ctx, http.MethodPost, "/api/sign-in", map[string]string{"email": email, "password": password}, nil)
	return err
}

// next leases a task; ok is false where none is left.
func (c *client) next(ctx context.Context, campaign string) (task lease, ok bool, err error) {
	status, err := c.call(ctx, http.MethodGet, "/api/campaigns/"+url.PathEscape(campaign)+"/next", nil, &task)
	return task, status == http.StatusOK, err
}

type submission struct {
	Tiers     ranking.Tiers `json:"tiers"`
	ActiveMS  int64         `json:"active_ms"`
	StartedAt time.Time     `json:"started_at"`
}

// submit sends a judgment. duplicate says that the server had it already: an attempt whose answer was lost.
func (c *client) submit(ctx context.Context, token string, s submission) (duplicate bool, err error) {
	status, err := c.call(ctx, http.MethodPost, "/api/leases/"+url.PathEscape(token)+"/submit", s, nil)
	return status == http.StatusOK, err
}

func (c *client) skip(ctx context.Context, token, reason string) error {
	_, err := c.call(ctx, http.MethodPost, "/api/leases/"+url.PathEscape(token)+"/skip", map[string]string{"reason": reason}, nil)
	return err
}

// call sends a request and reads the answer into out. What may pass (no connection, a server handing over its database,
// too many requests) is tried again; every request here can be repeated without harm.
func (c *client) call(ctx context.Context, method, path string, in, out any) (status int, err error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		status, err = c.once(ctx, method, path, in, out)
		passing := err != nil && (status == 0 || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError)
		if !passing || attempt == maxAttempts || ctx.Err() != nil {
			return status, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

func (c *client) once(ctx context.Context, method, path string, in, out any) (status int, err error) {
	var body io.Reader
	if in != nil {
		content, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(content)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept", "application/json")
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, ranking.Errorf(ranking.CodeUnavailable, "the server at %s does not answer", c.base).WithCause(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxResponseBytes))
	if err != nil {
		return 0, ranking.Errorf(ranking.CodeUnavailable, "the server's answer broke off").WithCause(err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return response.StatusCode, serverError(path, response.StatusCode, content)
	}
	if out != nil && response.StatusCode == http.StatusOK {
		if err := json.Unmarshal(content, out); err != nil {
			return response.StatusCode, errors.Join(fmt.Errorf("%s answered something else than the JSON expected", path), err)
		}
	}
	return response.StatusCode, nil
}

// serverError is the error that the server reports as JSON.
func serverError(path string, status int, content []byte) error {
	var answer struct {
		Error struct {
			Code    ranking.Code `json:"code"`
			Message string       `json:"message"`
		} `json:"error"`
	}
	if err := json.Unmarshal(content, &answer); err != nil || answer.Error.Code == "" {
		return ranking.Errorf(ranking.CodeUnavailable, "%s answered %d (is this a Rankloop server?)", path, status)
	}
	return ranking.Errorf(answer.Error.Code, "the server refuses: %s", answer.Error.Message)
}
