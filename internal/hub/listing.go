package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"rankloop/ranking"
)

const (
	listingBytesMax = 16 << 20
	listedFilesMax  = 20_000
)

// Repository is a model at one commit.
type Repository struct {
	Name   string
	Commit string
	files  map[string]File // by name
}

// File is a file of a repository.
type File struct {
	Name   string
	Bytes  int64
	SHA256 string // of the content, for large files
	GitSHA string // of the content as a git blob (SHA-1), for the others
}

// Find resolves a repository's revision, "main" if it is empty, to a commit and its files.
func (c *Client) Find(ctx context.Context, repository, revision string) (*Repository, error) {
	if revision == "" {
		revision = "main"
	}
	if err := errors.Join(CheckRepository(repository), CheckRevision(revision)); err != nil {
		return nil, err
	}
	var found *Repository
	err := c.retry(ctx, func() (bool, error) {
		var err error
		found, err = c.list(ctx, repository, revision)
		return false, err
	})
	return found, err
}

func (c *Client) list(ctx context.Context, repository, revision string) (*Repository, error) {
	r, err := c.request(ctx, http.MethodGet, "/api/models/"+repository+"/revision/"+url.PathEscape(revision)+"?blobs=true")
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("revision %s of %s", revision, repository)
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, transportError(ctx, err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, refusal(answer, what)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, listingBytesMax+1))
	if err != nil {
		return nil, transportError(ctx, err)
	}
	if len(body) > listingBytesMax {
		return nil, ranking.Errorf(ranking.CodeTooLarge, "the hub's list of files of %s is over the limit of %d bytes", repository, listingBytesMax)
	}
	found, err := parseListing(body)
	if err != nil {
		return nil, ranking.Errorf(ranking.CodeInvalid, "the hub's answer for %s cannot be used: %s", what, err)
	}
	found.Name = repository
	return found, nil
}

// parseListing reads what the hub says of a revision. Files whose names are no plain paths are not taken over.
func parseListing(body []byte) (*Repository, error) {
	var listing struct {
		SHA   string `json:"sha"`
		Files []struct {
			Name   string `json:"rfilename"`
			Size   *int64 `json:"size"`
			BlobID string `json:"blobId"`
			LFS    *struct {
				SHA256 string `json:"sha256"`
				Size   int64  `json:"size"`
			} `json:"lfs"`
		} `json:"siblings"`
	}
	if err := json.Unmarshal(body, &listing); err != nil {
		return nil, err
	}
	if !commitPattern.MatchString(listing.SHA) {
		return nil, fmt.Errorf("%.80q is no commit", listing.SHA)
	}
	if len(listing.Files) > listedFilesMax {
		return nil, fmt.Errorf("%d files, at most %d", len(listing.Files), listedFilesMax)
	}
	found := &Repository{Commit: listing.SHA, files: make(map[string]File)}
	for _, f := range listing.Files {
		if !plainPath(f.Name) {
			continue
		}
		file := File{Name: f.Name, Bytes: -1}
		switch {
		case f.LFS != nil:
			file.Bytes, file.SHA256 = f.LFS.Size, f.LFS.SHA256
		case f.Size != nil:
			file.Bytes, file.GitSHA = *f.Size, f.BlobID
		}
		if _, repeated := found.files[f.Name]; repeated {
			return nil, fmt.Errorf("%q is listed twice", f.Name)
		}
		found.files[f.Name] = file
	}
	return found, nil
}

// escapePath escapes each part of a file's name.
func escapePath(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return path.Join(parts...)
}
