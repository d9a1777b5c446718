package basemodel

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"

	"rankloop/model"
)

// weights is a Hugging Face model folder in 16 bits, made by `make base-model`.
//
//go:embed weights/*
var weights embed.FS

// Files is the embedded base model as a model folder.
func Files() (fs.FS, error) { return fs.Sub(weights, "weights") }

// Checkpoint reads the embedded base model. Every call returns the same one: it must not be changed.
var Checkpoint = sync.OnceValues(func() (*model.Checkpoint, error) {
	folder, err := Files()
	if err != nil {
		return nil, err
	}
	return model.LoadCheckpoint(folder)
})

// Digest is the SHA-256 of the embedded files, names and contents.
var Digest = sync.OnceValue(func() string {
	hash := sha256.New()
	err := fs.WalkDir(weights, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := weights.ReadFile(path)
		sum := sha256.Sum256(content)
		hash.Write([]byte(path + "\x00"))
		hash.Write(sum[:])
		return err
	})
	if err != nil {
		panic(err) // embedded: cannot be missing
	}
	return hex.EncodeToString(hash.Sum(nil))
})
