package trainer

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"rankloop/ranking"
)

// The kinds of run.
const (
	KindPretrain = "pretrain"
	KindSFT      = "sft"
	KindReward   = "reward"
	KindPPO      = "ppo"
	KindDPO      = "dpo"
)

// Kinds lists the kinds of run in the order of the loop.
var Kinds = []string{KindPretrain, KindSFT, KindReward, KindPPO, KindDPO}

// DefaultPreset is the one a run takes when it names none.
const DefaultPreset = "small"

// presetFiles hold, by kind and key, a value and where it comes from.
//
//go:embed presets/*.json
var presetFiles embed.FS

// Key is one setting of a preset.
type Key struct {
	Name   string          `json:"name"`
	Value  json.RawMessage `json:"value"`
	Source string          `json:"source"` // why this value: the paper's section, another implementation, or a measurement
}

// Presets lists the names of the committed presets that have settings for a kind of run.
func Presets(kind string) []string {
	names := presetNames()
	return slices.DeleteFunc(names, func(name string) bool {
		preset, err := readPreset(name)
		return err != nil || preset[kind] == nil
	})
}

func presetNames() []string {
	entries, err := fs.ReadDir(presetFiles, "presets")
	if err != nil {
		panic(err) // embedded: cannot be missing
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".json"))
	}
	return names
}

// PresetKeys lists every key of a kind with its value in a preset, in the order of the configuration.
func PresetKeys(kind, preset string) ([]Key, error) {
	target, err := newConfig(kind)
	if err != nil {
		return nil, err
	}
	values, err := readPresetOf(kind, preset)
	if err != nil {
		return nil, err
	}
	var keys []Key
	for _, field := range configFields(target) {
		key := values[field.key]
		key.Name = field.key
		keys = append(keys, key)
	}
	return keys, nil
}

// readPresetOf returns the settings of a kind in a preset; "" is the default one.
func readPresetOf(kind, name string) (map[string]Key, error) {
	if name == "" {
		name = DefaultPreset
	}
	if known := Presets(kind); !slices.Contains(known, name) {
		return nil, ranking.Errorf(ranking.CodeInvalid, "there is no preset %q for a %s run; write one of %s", name, kind, strings.Join(known, ", "))
	}
	preset, err := readPreset(name)
	return preset[kind], err
}

func readPreset(name string) (map[string]map[string]Key, error) {
	data, err := presetFiles.ReadFile(path.Join("presets", name+".json"))
	if err != nil {
		return nil, err
	}
	var preset map[string]map[string]Key
	if err := json.Unmarshal(data, &preset); err != nil {
		return nil, fmt.Errorf("trainer: preset %s: %w", name, err)
	}
	return preset, nil
}

// ResolveConfig makes the full configuration of a run: the preset ("" is small), over it the keys of file (a flat JSON
// object, nil for none), over that sets, each "key=value". The result names every key of the kind. An unknown key, a
// value of the wrong type and a value out of bounds are errors that say what to write instead.
func ResolveConfig(kind, preset string, sets []string, file []byte) (json.RawMessage, error) {
	config, err := newConfig(kind)
	if err != nil {
		return nil, err
	}
	values, err := readPresetOf(kind, preset)
	if err != nil {
		return nil, err
	}
	fields := configFields(config)
	for _, field := range fields {
		key, ok := values[field.key]
		if !ok {
			return nil, fmt.Errorf("trainer: preset %q lacks %s.%s", preset, kind, field.key)
		}
		if err := field.setJSON(key.Value); err != nil {
			return nil, err
		}
	}
	if err := applyFile(fields, file); err != nil {
		return nil, err
	}
	for _, set := range sets {
		name, value, ok := strings.Cut(set, "=")
		if !ok {
			return nil, ranking.Errorf(ranking.CodeInvalid, "write a setting as key=value, not %q", set)
		}
		field, err := findField(fields, strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		if err := field.setText(strings.TrimSpace(value)); err != nil {
			return nil, err
		}
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	return json.Marshal(config)
}

func applyFile(fields []configField, file []byte) error {
	if len(bytes.TrimSpace(file)) == 0 {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(file, &object); err != nil {
		return ranking.Errorf(ranking.CodeInvalid, "the configuration file must be one flat JSON object: %v", err)
	}
	for _, name := range sortedKeys(object) {
		field, err := findField(fields, name)
		if err != nil {
			return err
		}
		if err := field.setJSON(object[name]); err != nil {
			return err
		}
	}
	return nil
}

// config is one of the *Config structs.
type config interface{ check() error }

func newConfig(kind string) (config, error) {
	switch kind {
	case KindPretrain:
		return &PretrainConfig{}, nil
	case KindSFT:
		return &SFTConfig{}, nil
	case KindReward:
		return &RewardConfig{}, nil
	case KindPPO:
		return &PPOConfig{}, nil
	case KindDPO:
		return &DPOConfig{}, nil
	}
	return nil, ranking.Errorf(ranking.CodeInvalid, "there is no run kind %q; write one of %s", kind, strings.Join(Kinds, ", "))
}

// parseConfig reads a resolved configuration: every key known, none out of bounds.
func parseConfig(target config, data json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return ranking.Errorf(ranking.CodeInvalid, "the run's configuration cannot be read: %v", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return ranking.Errorf(ranking.CodeInvalid, "the run's configuration holds more than one JSON value")
	}
	return target.check()
}

// configField is one key of a configuration and the place of its value.
type configField struct {
	key   string
	value reflect.Value
}

func configFields(c config) []configField {
	structure := reflect.ValueOf(c).Elem()
	var fields []configField
	for _, field := range reflect.VisibleFields(structure.Type()) {
		if key := field.Tag.Get("json"); key != "" {
			fields = append(fields, configField{key, structure.FieldByIndex(field.Index)})
		}
	}
	return fields
}

func findField(fields []configField, name string) (configField, error) {
	nearest, distance := "", 1<<30
	for _, field := range fields {
		if field.key == name {
			return field, nil
		}
		if d := editDistance(name, field.key); d < distance {
			nearest, distance = field.key, d
		}
	}
	return configField{}, ranking.Errorf(ranking.CodeInvalid, "there is no setting %q; did you mean %s?", name, nearest)
}

func (f configField) wrongType(got string) error {
	wanted := map[reflect.Kind]string{reflect.Int: "a whole number", reflect.Float64: "a number", reflect.Bool: "true or false"}[f.value.Kind()]
	if wanted == "" {
		wanted = "a word"
	}
	return ranking.Errorf(ranking.CodeInvalid, "%s must be %s, not %s", f.key, wanted, got)
}

func (f configField) setJSON(data json.RawMessage) error {
	if string(bytes.TrimSpace(data)) == "null" || json.Unmarshal(data, f.value.Addr().Interface()) != nil {
		return f.wrongType(string(data))
	}
	return nil
}

func (f configField) setText(text string) error {
	switch f.value.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return f.wrongType(strconv.Quote(text))
		}
		f.value.SetInt(int64(n))
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return f.wrongType(strconv.Quote(text))
		}
		f.value.SetFloat(x)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return f.wrongType(strconv.Quote(text))
		}
		f.value.SetBool(b)
	default:
		f.value.SetString(text)
	}
	return nil
}

// editDistance is Levenshtein's, over bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
