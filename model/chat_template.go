package model

import (
	"encoding/json"
	"fmt"

	"rankloop/model/tokenizer"
)

const (
	templateFile        = "chat_template.jinja"
	tokenizerConfigFile = "tokenizer_config.json"
)

// withTemplate gives a tokenizer the chat template of its folder. A template
// that cannot be followed is an error where conversations would be laid out
// otherwise instead; where the tokenizer has no turns of ours at all, the model
// is no chat model here, and loads as one that continues text.
func withTemplate(t *tokenizer.Tokenizer, companions map[string][]byte) (*tokenizer.Tokenizer, error) {
	source, from, err := findTemplate(companions)
	if err != nil || source == "" {
		return t, err
	}
	with, err := t.WithChatTemplate(source)
	if err == nil {
		return with, nil
	}
	if _, chats := tokenizer.NewChat(t); chats != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%s: %w", from, err)
}

// findTemplate looks where Hugging Face's files have the template: in a file of
// its own, or in tokenizer_config.json, alone or as the default of several.
func findTemplate(companions map[string][]byte) (source, from string, err error) {
	if own, ok := companions[templateFile]; ok {
		return string(own), templateFile, nil
	}
	data, ok := companions[tokenizerConfigFile]
	if !ok {
		return "", "", nil
	}
	var config struct {
		Template json.RawMessage `json:"chat_template"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return "", "", fmt.Errorf("%s: %w", tokenizerConfigFile, err)
	}
	if len(config.Template) == 0 || string(config.Template) == "null" {
		return "", "", nil
	}
	if json.Unmarshal(config.Template, &source) == nil {
		return source, tokenizerConfigFile, nil
	}
	var named []struct {
		Name     string `json:"name"`
		Template string `json:"template"`
	}
	if err := json.Unmarshal(config.Template, &named); err != nil {
		return "", "", fmt.Errorf("%s: chat_template: %w", tokenizerConfigFile, err)
	}
	for _, template := range named {
		if template.Name == "default" {
			return template.Template, tokenizerConfigFile, nil
		}
	}
	return "", "", nil
}
