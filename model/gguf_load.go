package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"rankloop/model/gguf"
	"rankloop/model/tokenizer"
)

// LoadGGUF reads a model file of llama.cpp of the families that LoadCheckpoint
// reads: a policy, whose quantised numbers become the float32 that they stand
// for. Everything beside them is as the Hugging Face folder had it that the file
// was made from, as far as the file tells.
func LoadGGUF(fsys fs.FS, name string) (c *Checkpoint, err error) {
	source, err := openSource(fsys, name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err = errors.Join(err, source.close()); err != nil {
			c, err = nil, fmt.Errorf("%s: %w", name, err)
		}
	}()
	file, err := gguf.Open(source, source.size)
	if err != nil {
		return nil, err
	}
	folder, config, special, err := ggufConfig(file)
	if err != nil {
		return nil, err
	}
	c = &Checkpoint{Meta: Meta{Format: metaFormat, Kind: PolicyKind}, Special: special}
	if c.Tokenizer, err = ggufTokenizer(file); err != nil {
		return nil, err
	}
	if c.Companions, err = ggufCompanions(file); err != nil {
		return nil, err
	}
	if c.Tokenizer, err = withTemplate(c.Tokenizer, c.Companions); err != nil {
		return nil, err
	}
	if c.Weights, err = readWeights(folder, config); err != nil {
		return nil, err
	}
	return c, c.check()
}

// LoadGGUFConfig reads a file's configuration alone, for what it will take to
// load the rest.
func LoadGGUFConfig(fsys fs.FS, name string) (c Config, err error) {
	source, err := openSource(fsys, name)
	if err != nil {
		return Config{}, err
	}
	file, err := gguf.Open(source, source.size)
	if err == nil {
		_, c, _, err = ggufConfig(file)
	}
	if err = errors.Join(err, source.close()); err != nil {
		return Config{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func ggufConfig(file *gguf.File) (*gguf.Folder, Config, SpecialIDs, error) {
	folder, err := file.HuggingFace()
	if err != nil {
		return nil, Config{}, SpecialIDs{}, err
	}
	config, special, err := parseConfig(folder.Config)
	if err == nil {
		err = config.Validate()
	}
	return folder, config, special, err
}

func ggufTokenizer(file *gguf.File) (*tokenizer.Tokenizer, error) {
	v := tokenizer.Vocabulary{Before: ggufFrame(file, "bos"), After: ggufFrame(file, "eos")}
	v.Model, _ = file.String("tokenizer.ggml.model")
	v.Pre, _ = file.String("tokenizer.ggml.pre")
	v.Tokens, _ = file.Strings("tokenizer.ggml.tokens")
	v.Merges, _ = file.Strings("tokenizer.ggml.merges")
	if types, ok := file.Int32s("tokenizer.ggml.token_type"); ok {
		v.Types = make([]tokenizer.TokenType, len(types))
		for i, t := range types {
			v.Types[i] = tokenizer.TokenType(t)
		}
	}
	return tokenizer.FromVocabulary(v)
}

// ggufFrame is the token that is put around documents, if the file asks for it.
func ggufFrame(file *gguf.File, which string) []int32 {
	id, there := file.Int("tokenizer.ggml." + which + "_token_id")
	if add, _ := file.Bool("tokenizer.ggml.add_" + which + "_token"); !add || !there {
		return nil
	}
	return []int32{int32(id)}
}

// ggufCompanions keeps the chat template and the roles of tokens in the file
// where other programs look for them.
func ggufCompanions(file *gguf.File) (map[string][]byte, error) {
	config := map[string]any{"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false}
	tokens, _ := file.Strings("tokenizer.ggml.tokens")
	for role, key := range map[string]string{"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"} {
		if id, ok := file.Int("tokenizer.ggml." + key + "_token_id"); ok && id < len(tokens) {
			config[role+"_token"] = tokens[id]
		}
	}
	if template, ok := file.String("tokenizer.chat_template"); ok {
		config["chat_template"] = template
	}
	data, err := json.MarshalIndent(config, "", "  ")
	if err == nil && len(data) > maxCompanionBytes {
		err = fmt.Errorf("tokenizer.chat_template is over the limit of %d bytes", maxCompanionBytes)
	}
	return map[string][]byte{tokenizerConfigFile: data}, err
}
