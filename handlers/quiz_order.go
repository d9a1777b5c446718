package handlers

import (
	"math/rand/v2"

	"rankloop/ranking"
)

// quizOrders draws, for each item of a quiz, the order in which its options or responses are shown: a file that lists the
// right one first must not give it away, and neighbours cannot tell each other "the second". The draw follows from the
// campaign's seed, the person and the attempt. An item that says so is shown as it is listed.
func quizOrders(quiz ranking.Quiz, seed, userID int64, number int) [][]int {
	random := rand.New(rand.NewPCG(uint64(seed)^uint64(number)*0x9e3779b97f4a7c15, uint64(userID)))
	orders := make([][]int, len(quiz.Items))
	for i, item := range quiz.Items {
		orders[i] = random.Perm(len(item.Options) + len(item.Responses)) // an item has one of them
		if item.FixedOrder {
			for place := range orders[i] {
				orders[i][place] = place
			}
		}
	}
	return orders
}
