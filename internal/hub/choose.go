package hub

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"rankloop/ranking"
)

// The largest files that are fetched.
const (
	WeightBytesMax = 64 << 30 // a file of weights
	smallBytesMax  = 64 << 20 // any other
	totalBytesMax  = 256 << 30
)

const (
	weightsName = "model.safetensors"
	indexName   = "model.safetensors.index.json"
)

// beside are the files that a model needs, or can use, beside its weights.
var beside = []struct {
	name   string
	needed bool
}{
	{"config.json", true}, {"tokenizer.json", true},
	{"generation_config.json", false}, {"tokenizer_config.json", false}, {"chat_template.jinja", false},
	{"rankloop.json", false}, // of an export of this program
}

// first chooses what to fetch before anything else: the one GGUF that was asked for, or everything but the shards, whose
// names are in the index.
func (r *Repository) first(gguf string) ([]File, error) {
	if gguf != "" {
		if !plainPath(gguf) || !strings.HasSuffix(strings.ToLower(gguf), ".gguf") {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%q is no name of a .gguf file", gguf)
		}
		file, err := r.file(gguf, WeightBytesMax)
		return []File{file}, err
	}
	_, whole := r.files[weightsName]
	_, sharded := r.files[indexName]
	if !whole && !sharded {
		return nil, r.noWeights()
	}
	var chosen []File
	for _, b := range beside {
		if _, there := r.files[b.name]; !there && !b.needed {
			continue
		}
		file, err := r.file(b.name, smallBytesMax)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, file)
	}
	weights, limit := weightsName, int64(WeightBytesMax)
	if !whole {
		weights, limit = indexName, smallBytesMax
	}
	file, err := r.file(weights, limit)
	return append(chosen, file), err
}

// shards chooses the files that an index names.
func (r *Repository) shards(index io.Reader) ([]File, error) {
	var content struct {
		Files map[string]string `json:"weight_map"`
	}
	if err := json.NewDecoder(index).Decode(&content); err != nil {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s of %s: %s", indexName, r.Name, err)
	}
	var chosen []File
	for _, name := range slices.Compact(slices.Sorted(maps.Values(content.Files))) {
		if !plainName(name) || !strings.HasSuffix(name, ".safetensors") {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%s of %s names %q, which is no name of a safetensors file", indexName, r.Name, name)
		}
		file, err := r.file(name, WeightBytesMax)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, file)
	}
	return chosen, nil
}

// file finds a file that is within the limit.
func (r *Repository) file(name string, limit int64) (File, error) {
	file, ok := r.files[name]
	switch {
	case !ok:
		return File{}, ranking.Errorf(ranking.CodeNotFound, "%s has no file %s", r.Name, name)
	case file.Bytes < 0:
		return File{}, ranking.Errorf(ranking.CodeInvalid, "the hub does not say how large %s of %s is", name, r.Name)
	case file.Bytes > limit:
		return File{}, ranking.Errorf(ranking.CodeTooLarge, "%s of %s has %d bytes, over the limit of %d", name, r.Name, file.Bytes, limit)
	case !file.hashed():
		return File{}, ranking.Errorf(ranking.CodeInvalid, "the hub gives no usable hash for %s of %s", name, r.Name)
	}
	return file, nil
}

// noWeights says what the repository has instead.
func (r *Repository) noWeights() error {
	var ggufs []string
	for name := range r.files {
		if strings.HasSuffix(strings.ToLower(name), ".gguf") {
			ggufs = append(ggufs, name)
		}
	}
	if len(ggufs) == 0 {
		return ranking.Errorf(ranking.CodeNotFound, "%s has neither %s nor %s nor a GGUF", r.Name, weightsName, indexName)
	}
	slices.Sort(ggufs)
	shown := strings.Join(ggufs[:min(len(ggufs), 20)], ", ")
	if more := len(ggufs) - 20; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return ranking.Errorf(ranking.CodeInvalid, "%s has GGUF files; choose one with --file: %s", r.Name, shown)
}
