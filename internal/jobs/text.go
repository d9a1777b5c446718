package jobs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"math/rand/v2"
	"path"
	"strings"

	"rankloop/ranking"
)

const (
	maxTextBytes  = 256 << 20 // of one file of pretraining text
	documentBytes = 2 << 10   // plain text is cut at the first blank line after so many
)

// text opens the pretraining text of a spec.
func (in *Inputs) text(ctx context.Context, spec Spec) (Text, error) {
	if spec.Ptx.SHA256 == "" {
		own, err := in.ownText(ctx, spec.Ptx.Source)
		if err == nil && own == nil {
			err = ranking.Errorf(ranking.CodeInvalid, "the checkpoint %q records no text of its own", spec.Ptx.Source)
		}
		return own, err
	}
	content, err := readAll(ctx, in.Artifacts, spec.Ptx.SHA256, maxTextBytes)
	if err != nil {
		return nil, err
	}
	documents, err := cutDocuments(spec.Ptx.Source, content)
	if err != nil {
		return nil, err
	}
	return func(seed uint64) iter.Seq[string] {
		return func(yield func(string) bool) {
			for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(documents)) {
				if !yield(documents[i]) {
					return
				}
			}
		}
	}, nil
}

// ownText is the text of a checkpoint or of the one it was trained from, and so on back to the first.
func (in *Inputs) ownText(ctx context.Context, name string) (Text, error) {
	for depth := 0; depth < 100; depth++ {
		checkpoint, err := in.Store.CheckpointByName(ctx, name)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if own := in.OwnText(checkpoint); own != nil {
			return own, nil
		}
		if checkpoint.Base == name || checkpoint.Base == "" {
			return nil, nil
		}
		name = checkpoint.Base
	}
	return nil, nil
}

// cutDocuments makes documents of a file: JSON lines with "text", or plain text, which is cut at blank lines into
// documents of about documentBytes.
func cutDocuments(name string, content []byte) ([]string, error) {
	if path.Ext(strings.ToLower(name)) == ".jsonl" {
		return jsonDocuments(name, content)
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s is not text: it holds a NUL byte", name)
	}
	var documents []string
	var document strings.Builder
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(string(content), "\r\n", "\n"), "\n\n") {
		document.WriteString(paragraph)
		document.WriteString("\n\n")
		if document.Len() >= documentBytes {
			documents = append(documents, strings.Trim(document.String(), "\n"))
			document.Reset()
		}
	}
	if rest := strings.Trim(document.String(), "\n"); rest != "" {
		documents = append(documents, rest)
	}
	if len(documents) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s holds no text", name)
	}
	return documents, nil
}

func jsonDocuments(name string, content []byte) ([]string, error) {
	var documents []string
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(make([]byte, 64<<10), maxRecordBytes)
	for number := 1; lines.Scan(); number++ {
		var line struct {
			Text *string `json:"text"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Text == nil {
			return nil, ranking.Errorf(ranking.CodeInvalid, `%s:%d: is not a JSON object with a string "text"`, name, number)
		}
		documents = append(documents, *line.Text)
	}
	if err := lines.Err(); err != nil {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s: %s", name, err)
	}
	if len(documents) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s holds no text", name)
	}
	return documents, nil
}
