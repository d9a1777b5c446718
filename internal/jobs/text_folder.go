package jobs

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"rankloop/ranking"
)

// textExtensions are the files of a folder that are read as text.
var textExtensions = []string{".txt", ".md", ".jsonl"}

// TextFolder makes one file of JSON lines of a folder of text: its files named .txt, .md and .jsonl, with those of the
// folders in it, in the order of their paths. A plain file is cut into documents as a file alone would be, so none
// reaches over the end of a file. Hidden files and folders, links, and files of other kinds are left out.
func TextFolder(folder fs.FS, name string) (File, error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	err := fs.WalkDir(folder, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && file != ".":
			return fs.SkipDir
		case !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), ".") || !slices.Contains(textExtensions, strings.ToLower(path.Ext(file))):
			return nil
		}
		content, err := readTextFile(folder, file)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(content)) == 0 {
			return nil
		}
		if !utf8.Valid(content) { // which JSON cannot hold
			return ranking.Errorf(ranking.CodeInvalid, "%s is not text in UTF-8", path.Join(name, file))
		}
		documents, _, err := splitText(path.Join(name, file), content, 0)
		if err != nil {
			return err
		}
		for _, document := range documents {
			if err := encoder.Encode(map[string]string{"text": document}); err != nil {
				return err
			}
			if lines.Len() > maxTextBytes {
				return tooMuchText()
			}
		}
		return nil
	})
	if err != nil {
		return File{}, err
	}
	if lines.Len() == 0 {
		return File{}, ranking.Errorf(ranking.CodeInvalid, "%s holds no text: it is read from files named %s", name, strings.Join(textExtensions, ", "))
	}
	return File{Name: name + ".jsonl", Content: &lines}, nil
}

// readTextFile reads a file unless it is larger than all text may be.
func readTextFile(folder fs.FS, file string) ([]byte, error) {
	info, err := fs.Stat(folder, file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxTextBytes {
		return nil, tooMuchText()
	}
	return fs.ReadFile(folder, file)
}

func tooMuchText() error {
	return ranking.Errorf(ranking.CodeTooLarge, "the text is larger than the limit of %d MiB", maxTextBytes>>20)
}
