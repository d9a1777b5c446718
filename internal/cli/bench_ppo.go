package cli

import (
	"fmt"
	"os"

	"rankloop/internal/basemodel"
	"rankloop/internal/bench"
	"rankloop/ranking"
)

// BenchPPOCmd measures iterations of PPO.
type BenchPPOCmd struct {
	Name        []string `help:"Models to measure: base, the built-in one, and smollm2-135m, SmolLM2's shape with random weights. Both by default." placeholder:"NAME,…"`
	Model       string   `help:"A Hugging Face model folder instead." placeholder:"DIR"`
	Episodes    int      `default:"32" help:"Replies of an iteration." placeholder:"N"`
	New         int      `default:"64" help:"Tokens of each reply, exactly." placeholder:"N"`
	Prompt      int      `default:"32" help:"Tokens of each prompt beside its markers, for untrained models." placeholder:"N"`
	Epochs      int      `default:"1" help:"Times through an iteration's replies." placeholder:"N"`
	Minibatches int      `default:"4" help:"Optimizer steps an epoch; they divide the episodes." placeholder:"N"`
	LoRA        []int    `name:"lora-r" help:"Ranks to measure, separated by commas; 0 trains all weights. Default: 0." placeholder:"N,…"`
	MicroBatch  int      `name:"micro-batch-tokens" default:"2048" help:"Tokens held in one forward pass." placeholder:"N"`

	benchFlags `set:"default=3"`
}

// Run measures and prints.
func (c BenchPPOCmd) Run(ctx *Context) error {
	if err := c.check(); err != nil {
		return err
	}
	cases, err := c.cases()
	if err != nil {
		return err
	}
	options, done, err := c.options(ctx)
	if err != nil {
		return err
	}
	report, err := bench.PPO(ctx, options, cases)
	done()
	header := "NAME\tLORA\tEPISODES\tPROMPT\tNEW\tTHREADS\tROLLOUT\tSCORING\tUPDATE\tITERATION\tNEW TOKENS/S\tPEAK MEMORY\tPEAK GFLOP/S"
	return printBench(ctx, report, err, header, func(l bench.PPOLine) string {
		return fmt.Sprintf("%s\t%d\t%d\t%.1f\t%d\t%d\t%.2f s\t%.2f s\t%.2f s\t%.2f s\t%.1f\t%.2f GiB\t%.1f", l.Name, l.LoRARank, l.Episodes,
			l.PromptTokens, l.NewTokens, l.Threads, l.RolloutSMedian, l.ScoringSMedian, l.UpdateSMedian, l.IterationSMedian,
			l.TokensPerSMedian, float64(l.PeakMemoryBytes)/(1<<30), l.PeakGflops)
	})
}

func (c BenchPPOCmd) check() error {
	for _, flag := range []struct {
		name      string
		value     int
		low, high int
	}{
		{"--episodes", c.Episodes, 1, 4096}, {"--new", c.New, 1, 256}, {"--prompt", c.Prompt, 1, 128},
		{"--epochs", c.Epochs, 1, 100}, {"--minibatches", c.Minibatches, 1, 4096}, {"--micro-batch-tokens", c.MicroBatch, 1, 1 << 20},
	} {
		if flag.value < flag.low || flag.value > flag.high {
			return Usagef("%s is between %d and %d", flag.name, flag.low, flag.high)
		}
	}
	if c.Episodes%c.Minibatches != 0 {
		return Usagef("--minibatches must divide --episodes")
	}
	if c.Model != "" && len(c.Name) > 0 {
		return Usagef("give either --name or --model, not both")
	}
	return nil
}

// builtIn is the name of the model that ships; it is measured on requests that it knows.
const builtIn = "base"

func (c BenchPPOCmd) cases() ([]bench.PPOCase, error) {
	var models []bench.PPOCase
	if c.Model != "" {
		if _, err := os.Stat(c.Model); err != nil {
			return nil, missingFile(c.Model, err)
		}
		policy, err := bench.LoadPolicy(os.DirFS(c.Model))
		if err != nil {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%s holds no model that can be read: %s", c.Model, err).WithCause(err)
		}
		models = append(models, bench.PPOCase{Name: c.Model, Policy: policy, Prompts: basemodel.Prompts(1, c.Episodes, false)})
	} else {
		names, err := chosen(c.Name, []string{builtIn, bench.SmolLM2}, func(name string) string { return name })
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			one, err := c.model(name)
			if err != nil {
				return nil, err
			}
			models = append(models, one)
		}
	}
	ranks := c.LoRA
	if len(ranks) == 0 {
		ranks = []int{0}
	}
	var cases []bench.PPOCase
	for _, one := range models {
		one.Episodes, one.NewTokens, one.Epochs, one.Minibatches, one.MicroBatch = c.Episodes, c.New, c.Epochs, c.Minibatches, c.MicroBatch
		for _, rank := range ranks {
			one.LoRARank = rank
			cases = append(cases, one)
		}
	}
	return cases, nil
}

func (c BenchPPOCmd) model(name string) (bench.PPOCase, error) {
	if name == builtIn {
		policy, err := basemodel.Checkpoint()
		return bench.PPOCase{Name: name, Policy: policy, Prompts: basemodel.Prompts(1, c.Episodes, false)}, err
	}
	policy, err := bench.UntrainedSmolLM2()
	if err != nil {
		return bench.PPOCase{}, err
	}
	return bench.PPOCase{Name: name, Policy: policy, Prompts: bench.SpelledPrompts(policy, c.Episodes, c.Prompt)}, nil
}
