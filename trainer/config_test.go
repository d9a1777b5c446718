package trainer

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"rankloop/ranking"
)

// TestPresetsAreComplete: every key of every kind has a value of its type and a source in every preset, and no preset
// holds a key that does not exist.
func TestPresetsAreComplete(t *testing.T) {
	for _, preset := range presetNames() {
		values, err := readPreset(preset)
		if err != nil {
			t.Fatal(err)
		}
		if len(values) == 0 {
			t.Errorf("the preset %s is empty", preset)
		}
		for kind := range values {
			if _, err := ResolveConfig(kind, preset, nil, nil); err != nil {
				t.Errorf("%s %s: %v", preset, kind, err)
			}
			keys, err := PresetKeys(kind, preset)
			if err != nil {
				t.Fatal(err)
			}
			if len(keys) != len(values[kind]) {
				t.Errorf("%s %s: the preset has %d keys, the configuration %d", preset, kind, len(values[kind]), len(keys))
			}
			for _, key := range keys {
				if key.Source == "" || len(key.Value) == 0 {
					t.Errorf("%s %s.%s has no value or no source", preset, kind, key.Name)
				}
			}
		}
	}
}

// TestPresetsByKind: two presets have settings for every kind, and one that has none for a kind is not offered there.
func TestPresetsByKind(t *testing.T) {
	for _, kind := range Kinds {
		presets := Presets(kind)
		for _, name := range []string{"instructgpt", "small"} {
			if !slices.Contains(presets, name) {
				t.Errorf("%s has the presets %v, without %s", kind, presets, name)
			}
		}
		for _, name := range presetNames() {
			_, err := ResolveConfig(kind, name, nil, nil)
			if offered := slices.Contains(presets, name); offered != (err == nil) {
				t.Errorf("%s in %s: offered %v, %v", kind, name, offered, err)
			}
		}
	}
}

func TestInstructGPTPreset(t *testing.T) {
	var c PPOConfig
	config, err := ResolveConfig(KindPPO, "instructgpt", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := parseConfig(&c, config); err != nil {
		t.Fatal(err)
	}
	if c.GammaPtx != 27.8 || c.Rho != 8 || c.KLCoef != 0.02 || c.Episodes != 512 || c.Minibatches != 8 || c.PPOEpochs != 1 ||
		c.ClipRange != 0.2 || c.EMADecay != 0.992 || c.EMAWarmup || c.Gamma != 1 || c.Lambda != 0.95 || c.Beta2 != 0.95 {
		t.Errorf("not InstructGPT's: %+v", c)
	}
}

func TestResolveOrder(t *testing.T) {
	config, err := ResolveConfig(KindPPO, "small", []string{"kl_coef=0.3", "ema_warmup=false", "missing_end_rule=replace"}, []byte(`{"kl_coef":0.2,"iterations":7}`))
	if err != nil {
		t.Fatal(err)
	}
	var c PPOConfig
	if err := json.Unmarshal(config, &c); err != nil {
		t.Fatal(err)
	}
	if c.KLCoef != 0.3 || c.Iterations != 7 || c.EMAWarmup || c.MissingEndRule != "replace" {
		t.Errorf("sets go over the file, the file over the preset: %+v", c)
	}
	// What is resolved resolves to itself.
	again, err := ResolveConfig(KindPPO, "instructgpt", nil, config)
	if err != nil || string(again) != string(config) {
		t.Errorf("%v\n%s\n%s", err, again, config)
	}
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct {
		kind, preset, set, file, want string
	}{
		{"ppo", "", "kl_coeff=1", "", `there is no setting "kl_coeff"; did you mean kl_coef?`},
		{"reward", "", "", `{"learningrate":1}`, "did you mean learning_rate?"},
		{"ppo", "", "kl_coef=abc", "", `kl_coef must be a number, not "abc"`},
		{"ppo", "", "iterations=1.5", "", `iterations must be a whole number, not "1.5"`},
		{"ppo", "", "ema_warmup=maybe", "", `ema_warmup must be true or false, not "maybe"`},
		{"ppo", "", "", `{"iterations":"9"}`, "iterations must be a whole number"},
		{"ppo", "", "", `{"kl_controller":3}`, "kl_controller must be a word"},
		{"ppo", "", "", `{"iterations":null}`, "iterations must be a whole number"},
		{"ppo", "", "", `[1]`, "one flat JSON object"},
		{"ppo", "", "iterations", "", "key=value"},
		{"ppo", "", "iterations=0", "", "iterations must be between 1 and"},
		{"ppo", "", "learning_rate=NaN", "", "learning_rate must be above 0"},
		{"ppo", "", "minibatches=7", "", "multiple of minibatches"},
		{"reward", "", "ties=maybe", "", "ties must be one of drop, half, davidson"},
		{"ppo", "large", "", "", `no preset "large" for a ppo run; write one of instructgpt, small`},
		{"grpo", "", "", "", `no run kind "grpo"`},
	} {
		var sets []string
		if c.set != "" {
			sets = []string{c.set}
		}
		_, err := ResolveConfig(c.kind, c.preset, sets, []byte(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) || ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func FuzzResolveConfig(f *testing.F) {
	f.Add("kl_coef=1", []byte(`{"iterations":3}`))
	f.Fuzz(func(t *testing.T, set string, file []byte) {
		config, err := ResolveConfig(KindPPO, "", []string{set}, file)
		if err != nil {
			return
		}
		if err := parseConfig(&PPOConfig{}, config); err != nil {
			t.Errorf("a resolved configuration is refused: %v", err)
		}
	})
}
