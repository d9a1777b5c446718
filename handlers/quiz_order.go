package handlers

import (
	"math/rand/v2"

	"rankloop/ranking"
)

// quizOrders draws, for each ranking of a quiz, the order in which its responses are shown: a file that lists the best
// one first must not give it away. The draw follows from the campaign's seed, the person and the attempt.
func quizOrders(quiz ranking.Quiz, seed, userID int64, number int) [][]int {
	random := rand.New(rand.NewPCG(uint64(seed)^uint64(number)*0x9e3779b97f4a7c15, uint64(userID)))
	orders := make([][]int, len(quiz.Items))
	for i, item := range quiz.Items {
		orders[i] = random.Perm(len(item.Responses))
	}
	return orders
}
