package jobs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"math/rand/v2"
	"path"
	"strings"
	"unicode/utf8"

	"rankloop/ranking"
	"rankloop/trainer"
)

const (
	maxTextBytes  = 256 << 20 // of one file of pretraining text
	documentBytes = 2 << 10   // plain text is cut at the first blank line after so many
)

// text opens the pretraining text of a spec. Of a file, the share heldOut at its end is returned apart.
func (in *Inputs) text(ctx context.Context, spec Spec, heldOut float64) (train Text, held []string, err error) {
	if spec.Ptx.SHA256 == "" {
		own, err := in.ownText(ctx, spec.Ptx.Source)
		if err == nil && own == nil {
			err = ranking.Errorf(ranking.CodeInvalid, "the checkpoint %q records no text of its own", spec.Ptx.Source)
		}
		return own, nil, err
	}
	content, err := readAll(ctx, in.Artifacts, spec.Ptx.SHA256, maxTextBytes)
	if err != nil {
		return nil, nil, err
	}
	documents, held, err := splitText(spec.Ptx.Source, content, heldOut)
	if err == nil && len(documents) == 0 {
		err = ranking.Errorf(ranking.CodeInvalid, "%s has too little text to keep a share of %v from training; give more, or set held_out=0", spec.Ptx.Source, heldOut)
	}
	if err != nil {
		return nil, nil, err
	}
	return shuffled(documents), held, nil
}

// heldOutShare is what a pretrain run's configuration keeps from training.
func heldOutShare(config json.RawMessage) (float64, error) {
	var c trainer.PretrainConfig
	err := json.Unmarshal(config, &c)
	return c.HeldOut, err
}

// ReadText makes the documents of a file of text as a pretrain run with this share held out would; 1 is all of it.
func ReadText(file File, heldOut float64) (train, held []string, err error) {
	content, err := io.ReadAll(io.LimitReader(file.Content, maxTextBytes+1))
	if err != nil {
		return nil, nil, err
	}
	if len(content) > maxTextBytes {
		return nil, nil, tooMuchText()
	}
	return splitText(file.Name, content, heldOut)
}

// shuffled yields documents in an order drawn from a seed.
func shuffled(documents []string) Text {
	return func(seed uint64) iter.Seq[string] {
		return func(yield func(string) bool) {
			for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(documents)) {
				if !yield(documents[i]) {
					return
				}
			}
		}
	}
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

// splitText makes documents of a file, of which the last ones hold the share heldOut of its bytes. JSON lines are a
// document each: those held out are whole, and at least that share. Plain text is cut at that byte (at the start of its
// character); what lies before is cut at blank lines into documents of about documentBytes, the rest is held out as it is.
func splitText(name string, content []byte, heldOut float64) (train, held []string, err error) {
	if path.Ext(strings.ToLower(name)) == ".jsonl" {
		documents, err := jsonDocuments(name, content)
		if err != nil {
			return nil, nil, err
		}
		train, held = splitDocuments(documents, heldOut)
	} else {
		if bytes.IndexByte(content, 0) >= 0 {
			return nil, nil, ranking.Errorf(ranking.CodeInvalid, "%s is not text: it holds a NUL byte", name)
		}
		end := int(float64(len(content)) * (1 - heldOut))
		for end > 0 && end < len(content) && !utf8.RuneStart(content[end]) {
			end--
		}
		train = cutDocuments(string(content[:end]))
		if end < len(content) {
			held = []string{string(content[end:])}
		}
	}
	if len(train)+len(held) == 0 {
		return nil, nil, ranking.Errorf(ranking.CodeInvalid, "%s holds no text", name)
	}
	return train, held, nil
}

// splitDocuments holds the last documents out that have at least a share of all bytes together.
func splitDocuments(documents []string, heldOut float64) (train, held []string) {
	total := 0
	for _, d := range documents {
		total += len(d)
	}
	at, apart := len(documents), 0
	for at > 0 && float64(apart) < heldOut*float64(total) {
		at--
		apart += len(documents[at])
	}
	return documents[:at], documents[at:]
}

// cutDocuments cuts plain text at blank lines into documents of about documentBytes.
func cutDocuments(content string) (documents []string) {
	var document strings.Builder
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(content, "\r\n", "\n"), "\n\n") {
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
	return documents
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
	return documents, nil
}
