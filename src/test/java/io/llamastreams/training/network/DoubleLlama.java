package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.training.optimiser.ParameterTensor;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Cross entropy of a model in double precision and plain loops, one token after the other, written from the papers and
 * sharing nothing with the code under test but the names of the tensors.
 */
final class DoubleLlama {
    private final LlamaConfig config;
    private final boolean tied;
    private final Map<String, ParameterTensor> tensors;
    private final double[] w;

    DoubleLlama(ParameterLayout layout, double[] weights) {
        config = layout.config();
        tied = layout.tiedOutput();
        tensors = layout.tensors().stream().collect(Collectors.toMap(ParameterTensor::name, Function.identity()));
        w = weights;
    }

    double loss(TokenBatch batch) {
        double loss = 0;
        for (int text = 0; text < batch.texts(); text++) {
            loss += loss(batch, batch.starts()[text], batch.length(text));
        }
        return loss;
    }

    private double loss(TokenBatch batch, int start, int length) {
        double[][][] keys = new double[config.layers()][length][];
        double[][][] values = new double[config.layers()][length][];
        double loss = 0;
        for (int t = 0; t < length; t++) {
            double[] x = row("token_embd.weight", batch.tokens()[start + t]);
            for (int layer = 0; layer < config.layers(); layer++) {
                String b = "blk." + layer + ".";
                double[] n = norm(x, b + "attn_norm.weight");
                double[] q = rope(times(b + "attn_q.weight", n), t);
                keys[layer][t] = rope(times(b + "attn_k.weight", n), t);
                values[layer][t] = times(b + "attn_v.weight", n);
                add(x, times(b + "attn_output.weight", attend(q, keys[layer], values[layer], t)));
                double[] m = norm(x, b + "ffn_norm.weight");
                double[] gate = times(b + "ffn_gate.weight", m);
                double[] up = times(b + "ffn_up.weight", m);
                for (int i = 0; i < gate.length; i++) {
                    gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
                }
                add(x, times(b + "ffn_down.weight", gate));
            }
            int target = batch.targets()[start + t];
            if (target >= 0) {
                double[] logits = times(tied ? "token_embd.weight" : "output.weight", norm(x, "output_norm.weight"));
                double sum = 0;
                for (double logit : logits) {
                    sum += Math.exp(logit);
                }
                loss += Math.log(sum) - logits[target];
            }
        }
        return loss;
    }

    private double[] attend(double[] q, double[][] keys, double[][] values, int t) {
        int d = config.headSize();
        double[] out = new double[q.length];
        for (int head = 0; head < config.heads(); head++) {
            int kv = head / (config.heads() / config.kvHeads());
            double[] p = new double[t + 1];
            double sum = 0;
            for (int s = 0; s <= t; s++) {
                double score = 0;
                for (int i = 0; i < d; i++) {
                    score += q[head * d + i] * keys[s][kv * d + i];
                }
                p[s] = Math.exp(score / Math.sqrt(d));
                sum += p[s];
            }
            for (int s = 0; s <= t; s++) {
                for (int i = 0; i < d; i++) {
                    out[head * d + i] += p[s] / sum * values[s][kv * d + i];
                }
            }
        }
        return out;
    }

    private double[] rope(double[] x, int t) {
        int d = config.headSize();
        for (int i = 0; i < x.length; i += 2) {
            double angle = t * Math.pow(config.ropeTheta(), -(double) (i % d) / d);
            double a = x[i];
            double b = x[i + 1];
            x[i] = a * Math.cos(angle) - b * Math.sin(angle);
            x[i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
        }
        return x;
    }

    private double[] norm(double[] x, String name) {
        double mean = 0;
        for (double v : x) {
            mean += v * v / x.length;
        }
        double[] weight = row(name, 0);
        for (int i = 0; i < x.length; i++) {
            weight[i] *= x[i] / Math.sqrt(mean + config.rmsEpsilon());
        }
        return weight;
    }

    private double[] times(String name, double[] x) {
        ParameterTensor tensor = tensors.get(name);
        double[] y = new double[tensor.rows()];
        for (int row = 0; row < tensor.rows(); row++) {
            for (int i = 0; i < tensor.columns(); i++) {
                y[row] += w[tensor.offset() + row * tensor.columns() + i] * x[i];
            }
        }
        return y;
    }

    private double[] row(String name, int row) {
        ParameterTensor tensor = tensors.get(name);
        double[] values = new double[tensor.columns()];
        System.arraycopy(w, tensor.offset() + row * tensor.columns(), values, 0, values.length);
        return values;
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }
}
