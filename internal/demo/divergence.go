package demo

import (
	"rankloop/internal/app"
	"rankloop/model"
	"rankloop/model/tokenizer"
)

// divergence is the mean over replies of log π(y|x) − log π_base(y|x), an unbiased estimate of KL(π‖π_base) in nats a
// sequence, since the replies were drawn from π. The same tokens are scored as were drawn.
func divergence(base *app.BaseModel, prompts []string, tuned []answer) (float64, error) {
	checkpoint, err := base.Checkpoint()
	if err != nil {
		return 0, err
	}
	chat, err := tokenizer.NewChat(checkpoint.Tokenizer)
	if err != nil {
		return 0, err
	}
	window := checkpoint.Weights.Config.Context
	pass := model.NewPass(checkpoint.Weights.Config, window, 1, window)
	targets, logProbs := make([]int32, window), make([]float32, window)

	sum := 0.0
	for i, reply := range tuned {
		prompt, _ := chat.FitPrompt([]tokenizer.Message{{Role: "user", Content: prompts[i]}}, window-len(reply.IDs))
		ids := append(prompt, reply.IDs...)
		for t := range ids {
			targets[t] = -1
			if t+1 >= len(prompt) && t+1 < len(ids) {
				targets[t] = ids[t+1]
			}
		}
		pass.Forward(checkpoint.Weights, model.Batch{Tokens: ids, Lengths: []int{len(ids)}})
		pass.LogProbs(targets[:len(ids)], logProbs[:len(ids)], nil)
		sum += reply.LogProb
		for t, target := range targets[:len(ids)] {
			if target >= 0 {
				sum -= float64(logProbs[t])
			}
		}
	}
	return sum / float64(len(tuned)), nil
}
