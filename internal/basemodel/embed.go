package basemodel

import (
	"embed"
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
