/**
 * How logits become probabilities, as Hugging Face's pipelines have it: labels that exclude each
 * other by softmax, others each by itself.
 */
export type Activation = "softmax" | "sigmoid";

export function probabilitiesOf(logits: Float32Array, activation: Activation): number[] {
  if (activation === "sigmoid") return Array.from(logits, (value) => 1 / (1 + Math.exp(-value)));
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
