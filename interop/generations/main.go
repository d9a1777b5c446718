// Generations answers prompts greedily with a GGUF, for interop/generations.py to compare: prompts come as JSON strings,
// one a line, on standard input; replies leave as JSON objects, one a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"rankloop/internal/inference"
	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path, maxNewText string) error {
	maxNew, err := strconv.Atoi(maxNewText)
	if err != nil {
		return err
	}
	checkpoint, err := model.LoadGGUF(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if err != nil {
		return err
	}
	chat, err := tokenizer.NewChat(checkpoint.Tokenizer)
	if err != nil {
		return err
	}
	var requests []inference.Request
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var prompt string
		if err := json.Unmarshal(lines.Bytes(), &prompt); err != nil {
			return err
		}
		requests = append(requests, inference.Request{Messages: []ranking.Message{{Role: "user", Content: prompt}}})
	}
	if err := lines.Err(); err != nil {
		return err
	}
	engine := inference.NewEngine(func(context.Context, string) (*model.Checkpoint, error) { return checkpoint, nil })
	replies, err := engine.Generate(context.Background(), "gguf", requests, inference.Options{MaxNew: maxNew}, nil)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for i, reply := range replies {
		prompt := requests[i].Messages[0]
		if err := out.Encode(map[string]any{
			"prompt": prompt.Content, "prompt_ids": chat.Prompt([]tokenizer.Message{{Role: prompt.Role, Content: prompt.Content}}),
			"ids": reply.IDs, "text": reply.Text,
		}); err != nil {
			return err
		}
	}
	return nil
}
