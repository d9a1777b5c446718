package hub

import (
	"context"
	"crypto/sha1" // git's name for content; large files are held against SHA-256
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"regexp"
	"syscall"
	"time"

	"rankloop/ranking"
)

var (
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	sha1Pattern   = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

func (f File) hashed() bool {
	return sha256Pattern.MatchString(f.SHA256) || sha1Pattern.MatchString(f.GitSHA)
}

// newHash is what the file's content is to be held against, and the sum it must have.
func (f File) newHash() (h hash.Hash, want string) {
	if f.SHA256 != "" {
		return sha256.New(), f.SHA256
	}
	h = sha1.New()
	fmt.Fprintf(h, "blob %d\x00", f.Bytes)
	return h, f.GitSHA
}

// download fetches a file to path, by way of path.part, which stays behind when the download breaks off and is where the
// next one begins. got is told of every byte there is, those from before included.
func (c *Client) download(ctx context.Context, r *Repository, f File, path string, got func(bytes int64)) error {
	part, err := os.OpenFile(path+".part", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer part.Close()
	d := &downloading{client: c, repository: r, file: f, part: part, got: got}
	if err := d.resume(); err != nil {
		return err
	}
	if err := c.retry(ctx, func() (bool, error) {
		before := d.at
		err := d.attempt(ctx)
		return d.at > before, err
	}); err != nil {
		return err
	}
	if sum := hex.EncodeToString(d.hash.Sum(nil)); sum != d.want {
		return errors.Join(ranking.Errorf(ranking.CodeInvalid, "%s of %s arrived with another hash than the hub lists: %s instead of %s; it was thrown away",
			f.Name, r.Name, sum, d.want), os.Remove(part.Name()))
	}
	if err := part.Sync(); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}

// downloading is one file on its way.
type downloading struct {
	client     *Client
	repository *Repository
	file       File
	part       *os.File
	hash       hash.Hash
	want       string
	at         int64 // bytes that are there, and hashed
	got        func(bytes int64)
}

// resume hashes what an earlier download left.
func (d *downloading) resume() error {
	d.hash, d.want = d.file.newHash()
	n, err := io.Copy(d.hash, d.part)
	if err != nil {
		return err
	}
	if n > d.file.Bytes {
		return d.restart()
	}
	d.at = n
	d.got(n)
	return nil
}

// restart throws away what is there.
func (d *downloading) restart() error {
	d.hash, _ = d.file.newHash()
	d.got(-d.at)
	d.at = 0
	if err := d.part.Truncate(0); err != nil {
		return err
	}
	_, err := d.part.Seek(0, io.SeekStart)
	return err
}

// attempt asks for the rest of the file.
func (d *downloading) attempt(ctx context.Context) error {
	if d.at == d.file.Bytes {
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := d.client.request(ctx, http.MethodGet, "/"+d.repository.Name+"/resolve/"+d.repository.Commit+"/"+escapePath(d.file.Name))
	if err != nil {
		return err
	}
	if d.at > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.at))
	}
	answer, err := d.client.http.Do(request)
	if err != nil {
		return transportError(ctx, err)
	}
	if err := d.begin(answer); err != nil {
		return err
	}
	defer answer.Body.Close()
	return d.receive(ctx, cancel, answer.Body)
}

// begin checks that the answer is the part of the file that was asked for, or all of it.
func (d *downloading) begin(answer *http.Response) error {
	what := fmt.Sprintf("%s of %s", d.file.Name, d.repository.Name)
	switch answer.StatusCode {
	case http.StatusOK:
		if d.at > 0 {
			if err := d.restart(); err != nil {
				return errors.Join(err, answer.Body.Close())
			}
		}
	case http.StatusPartialContent:
		var from, to, size int64
		span := answer.Header.Get("Content-Range")
		if n, err := fmt.Sscanf(span, "bytes %d-%d/%d", &from, &to, &size); n != 3 || err != nil || from != d.at || size != d.file.Bytes {
			return errors.Join(ranking.Errorf(ranking.CodeInvalid, "asked for %s from byte %d of %d, the hub sends %.80q", what, d.at, d.file.Bytes, span), answer.Body.Close())
		}
	case http.StatusRequestedRangeNotSatisfiable:
		answer.Body.Close()
		if err := d.restart(); err != nil {
			return err
		}
		return temporary{error: fmt.Errorf("the hub does not go on with %s", what)}
	default:
		return refusal(answer, what)
	}
	if answer.ContentLength >= 0 && answer.ContentLength != d.file.Bytes-d.at {
		return errors.Join(ranking.Errorf(ranking.CodeInvalid, "%s should have %d more bytes, the hub sends %d", what, d.file.Bytes-d.at, answer.ContentLength), answer.Body.Close())
	}
	return nil
}

var errSilent = errors.New("the hub has stopped sending")

// receive stores what comes, and gives up on a server that falls silent.
func (d *downloading) receive(ctx context.Context, cancel context.CancelCauseFunc, body io.Reader) error {
	watch := time.AfterFunc(d.client.silence, func() { cancel(errSilent) })
	defer watch.Stop()
	buffer := make([]byte, 1<<18)
	for {
		n, err := body.Read(buffer)
		watch.Reset(d.client.silence)
		if int64(n) > d.file.Bytes-d.at {
			return ranking.Errorf(ranking.CodeInvalid, "the hub sends more of %s than the %d bytes it lists", d.file.Name, d.file.Bytes)
		}
		if n > 0 {
			if _, err := d.part.Write(buffer[:n]); err != nil {
				return diskError(err)
			}
			d.hash.Write(buffer[:n])
			d.at += int64(n)
			d.got(int64(n))
		}
		switch {
		case err == nil:
		case context.Cause(ctx) == errSilent:
			return temporary{error: errSilent}
		case ctx.Err() != nil:
			return ctx.Err()
		case err == io.EOF && d.at == d.file.Bytes:
			return nil
		default:
			return temporary{error: fmt.Errorf("the download of %s broke off at %d of %d bytes", d.file.Name, d.at, d.file.Bytes)}
		}
	}
}

func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return ranking.Errorf(ranking.CodeUnavailable, "the disk is full; free some space and run the command again to go on").WithCause(err)
	}
	return err
}
