package model

import (
	"fmt"
	"math"
	"strings"
)

// LoRA says which low-rank adapters a network has (Hu et al. 2021, section 4.1).
// A frozen product y = x·W becomes
//
//	y = x·W + s·(x·Aᵀ)·Bᵀ    A is [r,in], B is [out,r]
//
// and only A and B are trained. The zero value is no adapters. Values of one
// meaning are equal.
type LoRA struct {
	Rank           int     // r
	Alpha          float64 // s = Alpha/r
	RankStabilized bool    // s = Alpha/√r instead (rsLoRA, Kalajdzievski 2023)
	Modules        string  // that have adapters in every layer: names within a layer, in its order, separated by commas
}

// AllLinear stands for every matrix of every layer, as in PEFT.
const AllLinear = "all-linear"

const maxRank = 1024

// NewLoRA lays adapters on the matrices of every layer of c that targets names:
// AllLinear, or PEFT's names separated by commas. GPT-2 has c_attn, c_proj (of
// attention and of the MLP; mlp.c_proj is one of them) and c_fc; Llama and Qwen2
// have q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj and down_proj.
func NewLoRA(c Config, rank int, alpha float64, rankStabilized bool, targets string) (LoRA, error) {
	if rank < 1 || rank > maxRank {
		return LoRA{}, fmt.Errorf("model: the rank of adapters is %d, outside of 1..%d", rank, maxRank)
	}
	if !(alpha > 0) || math.IsInf(alpha, 0) {
		return LoRA{}, fmt.Errorf("model: alpha of adapters is %g, want a positive number", alpha)
	}
	var known, chosen []string
	for _, m := range c.modules() {
		known = append(known, m.name)
	}
	wanted := make(map[string]bool)
	for target := range strings.SplitSeq(targets, ",") {
		target = strings.TrimSpace(target)
		found := false
		for _, name := range known {
			if target == AllLinear || matchesModule(name, target) {
				wanted[name], found = true, true
			}
		}
		if !found {
			return LoRA{}, fmt.Errorf("model: a layer has no matrix %q: write %s, or some of %s", target, AllLinear, strings.Join(c.moduleNames(), ", "))
		}
	}
	for _, name := range known {
		if wanted[name] {
			chosen = append(chosen, name)
		}
	}
	return LoRA{Rank: rank, Alpha: alpha, RankStabilized: rankStabilized, Modules: strings.Join(chosen, ",")}, nil
}

// matchesModule says whether PEFT would take a module for a target: the end of
// its name is the target.
func matchesModule(name, target string) bool {
	return name == target || strings.HasSuffix(name, "."+target)
}

// lastName is the last part of a module's name.
func lastName(module string) string { return module[strings.LastIndexByte(module, '.')+1:] }

// moduleNames are the last parts of the names of a layer's matrices, each once.
func (c Config) moduleNames() []string {
	var names []string
	seen := make(map[string]bool)
	for _, m := range c.modules() {
		if name := lastName(m.name); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// Scale is s.
func (l LoRA) Scale() float64 {
	if l.RankStabilized {
		return l.Alpha / math.Sqrt(float64(l.Rank))
	}
	return l.Alpha / float64(l.Rank)
}

// Parameters is how many numbers the adapters of a network c are, its scalar
// head included.
func (l LoRA) Parameters(c Config) int {
	total := 0
	for _, m := range c.modules() {
		if l.has(m) {
			total += l.Rank * (m.in + m.out)
		}
	}
	total *= c.Layers
	if c.Head == Scalar {
		total += c.Dim + 1
	}
	return total
}

func (l LoRA) has(m module) bool {
	for name := range strings.SplitSeq(l.Modules, ",") {
		if name == m.name {
			return true
		}
	}
	return false
}

// module is one matrix of a layer as Hugging Face's files have it.
type module struct {
	name    string // within the layer
	linear  func(*layerWeights) *linearWeights
	column  int // of the product's result at which its own columns begin
	in, out int
}

// modules are the matrices of every layer, in the order of the files.
func (c Config) modules() []module {
	qkv := func(l *layerWeights) *linearWeights { return &l.qkv }
	attnOut := func(l *layerWeights) *linearWeights { return &l.attnOut }
	mlpIn := func(l *layerWeights) *linearWeights { return &l.mlpIn }
	mlpUp := func(l *layerWeights) *linearWeights { return &l.mlpUp }
	mlpOut := func(l *layerWeights) *linearWeights { return &l.mlpOut }
	if c.isGPT2() {
		return []module{
			{"attn.c_attn", qkv, 0, c.Dim, c.qkvDim()},
			{"attn.c_proj", attnOut, 0, c.Dim, c.Dim},
			{"mlp.c_fc", mlpIn, 0, c.Dim, c.Hidden},
			{"mlp.c_proj", mlpOut, 0, c.Hidden, c.Dim},
		}
	}
	attention, kv := c.attentionDim(), c.kvHeads()*c.headDim()
	list := []module{
		{"self_attn.q_proj", qkv, 0, c.Dim, attention},
		{"self_attn.k_proj", qkv, attention, c.Dim, kv},
		{"self_attn.v_proj", qkv, attention + kv, c.Dim, kv},
		{"self_attn.o_proj", attnOut, 0, attention, c.Dim},
	}
	if c.MLP == SwiGLU {
		list = append(list, module{"mlp.gate_proj", mlpIn, 0, c.Dim, c.Hidden}, module{"mlp.up_proj", mlpUp, 0, c.Dim, c.Hidden})
	} else {
		list = append(list, module{"mlp.up_proj", mlpIn, 0, c.Dim, c.Hidden})
	}
	return append(list, module{"mlp.down_proj", mlpOut, 0, c.Hidden, c.Dim})
}

// layerName is what the names of a layer's tensors begin with.
func (c Config) layerName(i int) string {
	if c.isGPT2() {
		return fmt.Sprintf("transformer.h.%d.", i)
	}
	return fmt.Sprintf("model.layers.%d.", i)
}
