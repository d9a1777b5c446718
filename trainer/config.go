package trainer

// Optimization is what every kind sets for the network it trains.
type Optimization struct {
	LearningRate     float64 `json:"learning_rate"`      // AdamW's peak rate
	LRSchedule       string  `json:"lr_schedule"`        // constant, linear or cosine
	LRFinal          float64 `json:"lr_final"`           // share of the peak at the last step
	WarmupFrom       float64 `json:"warmup_from"`        // share of the peak at which the warm-up starts
	Beta1            float64 `json:"adam_beta1"`         // decay of the first moment
	Beta2            float64 `json:"adam_beta2"`         // decay of the second moment
	Epsilon          float64 `json:"adam_epsilon"`       // PyTorch's form: added to √v̂
	WeightDecay      float64 `json:"weight_decay"`       // decoupled (AdamW), on matrices only
	ClipNorm         float64 `json:"clip_norm"`          // largest gradient norm; 0 is no clip
	MicroBatchTokens int     `json:"micro_batch_tokens"` // tokens held in one forward pass; changes memory, not the result
}

// DenoiseConfig is the part of a pretraining mixture that is denoised; see denoise.go.
type DenoiseConfig struct {
	Share        float64 `json:"denoise_share"`     // of the windows; 0 is next token alone
	Masks        float64 `json:"denoise_masks"`     // weight of masked tokens among them
	Sentences    float64 `json:"denoise_sentences"` // weight of permuted sentences
	Spans        float64 `json:"denoise_spans"`     // weight of masked spans
	CorruptShare float64 `json:"corrupt_share"`     // of the tokens that masks or spans take
	SpanTokens   float64 `json:"span_tokens"`       // mean length of a span
}

// PretrainConfig is the configuration of kind pretrain: next token on packed text, and denoising.
type PretrainConfig struct {
	Optimization
	DenoiseConfig
	Steps        int    `json:"steps"`         // optimizer steps
	WarmupSteps  int    `json:"warmup_steps"`  // optimizer steps of linear warm-up
	BatchWindows int    `json:"batch_windows"` // windows of text a step
	Context      int    `json:"context"`       // tokens a window; 0 is the model's context
	Packing      string `json:"packing"`       // windows: across documents; documents: a window never crosses a boundary

	HeldOut   float64 `json:"held_out"`   // share of a file's text, its end, that is predicted and not trained on
	EvalEvery int     `json:"eval_every"` // steps between evaluations on it; 0 is only at the end
}

// SFTConfig is the configuration of kind sft: the loss is on reply tokens only.
type SFTConfig struct {
	Optimization
	LowRank
	Epochs        int     `json:"epochs"`
	WarmupSteps   int     `json:"warmup_steps"`
	BatchExamples int     `json:"batch_examples"`
	MaxNew        int     `json:"max_new"`        // tokens of the context kept free of the prompt
	PretrainShare float64 `json:"pretrain_share"` // windows of pretraining text as a share of a batch's sequences
	Select        string  `json:"select"`         // last, or best: the epoch with the lowest validation loss
}

// RewardConfig is the configuration of kind reward.
type RewardConfig struct {
	Optimization
	LowRank
	Epochs          int     `json:"epochs"`
	WarmupSteps     int     `json:"warmup_steps"`
	BatchTasks      int     `json:"batch_tasks"`       // tasks a step: each brings all of its rankings
	PairNorm        string  `json:"pair_norm"`         // C of the loss: used, the pairs that enter, or all, C(K,2)
	Ties            string  `json:"ties"`              // drop, half or davidson
	TieLearningRate float64 `json:"tie_learning_rate"` // Adam's rate for davidson's η
	MaxNew          int     `json:"max_new"`           // tokens of the context kept free of the prompt
	IgnoreStrength  bool    `json:"ignore_strength"`   // strengths of preference are no margins of the loss
	EvalEvery       int     `json:"eval_every"`        // steps between evaluations; 0 is only at the end
	ZeroSamples     int     `json:"zero_samples"`      // replies that set the zero point μ_ref and the spread σ_ref
}

// DPOConfig is the configuration of kind dpo.
type DPOConfig struct {
	Optimization
	LowRank
	Epochs         int     `json:"epochs"`
	WarmupSteps    int     `json:"warmup_steps"`
	BatchTasks     int     `json:"batch_tasks"`      // tasks a step: each brings all of its rankings
	Loss           string  `json:"loss"`             // sigmoid or ipo
	Beta           float64 `json:"beta"`             // β; of ipo, τ
	LabelSmoothing float64 `json:"label_smoothing"`  // share of pairs taken to be labelled the wrong way round
	AverageLogProb bool    `json:"average_log_prob"` // a reply's log-probability is the mean over its tokens, not the sum
	PairNorm       string  `json:"pair_norm"`        // C of the loss: used, the pairs that enter, or all, C(K,2)
	Ties           string  `json:"ties"`             // drop or half
	UseStrength    bool    `json:"use_strength"`     // strengths of preference are offsets of the loss
	MaxNew         int     `json:"max_new"`          // tokens of the context kept free of the prompt
	EvalEvery      int     `json:"eval_every"`       // steps between evaluations; 0 is only at the end
}

// PPOConfig is the configuration of kind ppo.
type PPOConfig struct {
	Optimization
	LowRank
	Iterations       int `json:"iterations"`        // rollouts
	Episodes         int `json:"episodes"`          // sampled replies a rollout
	Minibatches      int `json:"minibatches"`       // optimizer steps an epoch over a rollout
	PPOEpochs        int `json:"ppo_epochs"`        // epochs over a rollout
	WarmupIterations int `json:"warmup_iterations"` // rollouts of linear warm-up
	MaxNew           int `json:"max_new"`           // tokens a sampled reply, its end included
	RolloutBatch     int `json:"rollout_batch"`     // replies sampled together; changes speed, not the result

	ValueLearningRate float64 `json:"value_learning_rate"`
	ValueClipNorm     float64 `json:"value_clip_norm"`
	ClipRange         float64 `json:"clip_range"`       // ε
	ValueClipRange    float64 `json:"value_clip_range"` // ε_V
	Gamma             float64 `json:"gamma"`            // discount
	Lambda            float64 `json:"lambda"`           // of GAE

	KLCoef       float64 `json:"kl_coef"`       // β, at the start where it is adaptive
	KLController string  `json:"kl_controller"` // fixed or adaptive
	KLTarget     float64 `json:"kl_target"`     // nats a sequence
	KLHorizon    float64 `json:"kl_horizon"`    // episodes

	MissingEndRule    string  `json:"missing_end_rule"`    // subtract or replace
	MissingEndPenalty float64 `json:"missing_end_penalty"` // p, in σ_ref

	GammaPtx   float64 `json:"gamma_ptx"`   // weight of the pretraining mix; 0 is off
	Rho        float64 `json:"rho"`         // pretraining examples an episode
	PtxContext int     `json:"ptx_context"` // tokens of one pretraining example; 0 is the model's context

	EMADecay  float64 `json:"ema_decay"`
	EMAWarmup bool    `json:"ema_warmup"` // min(decay, (1+t)/(10+t))

	SampleEvery   int `json:"sample_every"`   // iterations between sample tables; 0 is only at the end
	SamplePrompts int `json:"sample_prompts"` // rows of a sample table
	PublishEvery  int `json:"publish_every"`  // iterations between checkpoints that are kept; 0 is only the last
	StopAtPeak    int `json:"stop_at_peak"`   // evaluations without a new peak of agreement that end the run; 0 is off
}
