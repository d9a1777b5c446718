// The pages of an evaluation and of a checkpoint.
import { followEvaluations } from "./follow_evaluations.js";

followEvaluations();
