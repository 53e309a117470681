// What llama.cpp's samplers leave of rows of logits, through its C interface: the golden file of LlamaCppSamplersTest.
//
//   samplers SOURCE > src/test/resources/io/llamastreams/engine/sampling/llama.cpp-samplers.json
//
// SOURCE says which release of llama.cpp it is. Built like peer.c, with the same headers and libraries (see compare):
//
//   cc -O2 -Wall -I HEADERS/include -I HEADERS/ggml/include samplers.c -o samplers -L LIBRARIES -l:libllama.so... -lm
//
// Rows, texts and parameters come from a random generator of our own, so that the file is the same each time. Samplers are
// applied in the order of our own: logit bias, penalties, temperature, top-k, typical-p, top-p, min-p, at least one token kept by
// each; at last "dist", which turns logits into probabilities. The window of the penalties is longer than any text.
#include <llama.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOKENS = 32, ROWS = 4, MOST_TEXT = 24, COMBINATIONS = 16 };

struct parameters {
    int text_length;
    llama_token text[MOST_TEXT];
    int biases;
    llama_logit_bias bias[8];
    float repetition, frequency, presence, temperature, typical_p, top_p, min_p;
    int top_k;
};

static const struct parameters NONE = {
    .repetition = 1, .temperature = 1, .typical_p = 1, .top_p = 1,
};

static float rows[ROWS][TOKENS];
static uint64_t state = 1;
static int cases;

static uint32_t random_bits(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static int random_below(int bound) { return random_bits() % bound; }

// steps of 1/64: few digits in the file
static float random_between(float low, float high) {
    return low + floorf((high - low) * 64 * (random_bits() / 2147483648.0f)) / 64;
}

static float random_logit(float scale) {
    float sum = 0;
    for (int i = 0; i < 6; i++) sum += random_bits() / 2147483648.0f - 0.5f;
    return roundf(sum * scale * 8192) / 8192;
}

static void apply(struct llama_sampler *sampler, llama_token_data_array *tokens) {
    llama_sampler_apply(sampler, tokens);
    llama_sampler_free(sampler);
}

static int by_id(const void *a, const void *b) {
    return ((const llama_token_data *)a)->id - ((const llama_token_data *)b)->id;
}

static void print_number(const char *name, float value, float usual) {
    if (value != usual) printf("\"%s\": %.9g, ", name, value);
}

// those that are not as usual
static void print_parameters(const struct parameters *p, int row) {
    printf("%s\n{\"row\": %d, \"text\": [", cases++ ? "," : "", row);
    for (int i = 0; i < p->text_length; i++) printf("%s%d", i ? ", " : "", p->text[i]);
    printf("], \"logit_bias\": {");
    for (int i = 0; i < p->biases; i++) printf("%s\"%d\": %.9g", i ? ", " : "", p->bias[i].token, p->bias[i].bias);
    printf("}, ");
    print_number("repetition", p->repetition, NONE.repetition);
    print_number("frequency", p->frequency, NONE.frequency);
    print_number("presence", p->presence, NONE.presence);
    print_number("temperature", p->temperature, NONE.temperature);
    print_number("top_k", p->top_k, NONE.top_k);
    print_number("typical_p", p->typical_p, NONE.typical_p);
    print_number("top_p", p->top_p, NONE.top_p);
    print_number("min_p", p->min_p, NONE.min_p);
}

static void print_case(struct parameters p, int row) {
    llama_token_data data[TOKENS];
    for (int id = 0; id < TOKENS; id++) data[id] = (llama_token_data){id, rows[row][id], 0};
    llama_token_data_array tokens = {data, TOKENS, -1, false};

    struct llama_sampler *penalties =
        llama_sampler_init_penalties(TOKENS, MOST_TEXT, p.repetition, p.frequency, p.presence);
    for (int i = 0; i < p.text_length; i++) llama_sampler_accept(penalties, p.text[i]);
    apply(llama_sampler_init_logit_bias(TOKENS, p.biases, p.bias), &tokens);
    apply(penalties, &tokens);
    apply(llama_sampler_init_temp(p.temperature), &tokens);
    apply(llama_sampler_init_top_k(p.top_k), &tokens);
    apply(llama_sampler_init_typical(p.typical_p, 1), &tokens);
    apply(llama_sampler_init_top_p(p.top_p, 1), &tokens);
    apply(llama_sampler_init_min_p(p.min_p, 1), &tokens);
    apply(llama_sampler_init_dist(1), &tokens);

    print_parameters(&p, row);
    qsort(tokens.data, tokens.size, sizeof *tokens.data, by_id);
    printf("\"ids\": [");
    for (size_t i = 0; i < tokens.size; i++) printf("%s%d", i ? ", " : "", tokens.data[i].id);
    printf("], \"probabilities\": [");
    for (size_t i = 0; i < tokens.size; i++) printf("%s%.7g", i ? ", " : "", tokens.data[i].p);
    printf("]}");
}

static void write_text(struct parameters *p) {
    p->text_length = 1 + random_below(MOST_TEXT);
    for (int i = 0; i < p->text_length; i++) p->text[i] = random_below(TOKENS / 2);
}

static void write_biases(struct parameters *p) {
    p->biases = 1 + random_below(8);
    int token = random_below(4);
    for (int i = 0; i < p->biases; i++, token += 1 + random_below(4)) {
        p->bias[i] = (llama_logit_bias){token % TOKENS, random_between(-4, 4)};
    }
}

static void print_single_ones(int row) {
    struct parameters p = NONE;
    print_case(p, row);
    for (int i = 0; i < 2; i++) p = NONE, p.temperature = random_between(0.25f, 2), print_case(p, row);
    for (int i = 0; i < 3; i++) p = NONE, p.top_k = 1 + random_below(TOKENS), print_case(p, row);
    for (int i = 0; i < 4; i++) p = NONE, p.typical_p = random_between(0.1f, 1), print_case(p, row);
    for (int i = 0; i < 3; i++) p = NONE, p.top_p = random_between(0.1f, 1), print_case(p, row);
    for (int i = 0; i < 3; i++) p = NONE, p.min_p = random_between(0.02f, 0.5f), print_case(p, row);
    p = NONE, write_biases(&p), print_case(p, row);
    p = NONE, write_text(&p), p.repetition = random_between(1, 2), print_case(p, row);
    p = NONE, write_text(&p), p.repetition = random_between(0.5f, 1), print_case(p, row);
    p = NONE, write_text(&p), p.frequency = random_between(-1, 1), print_case(p, row);
    p = NONE, write_text(&p), p.presence = random_between(-1, 2), print_case(p, row);
}

static void print_combinations(int row) {
    for (int i = 0; i < COMBINATIONS; i++) {
        struct parameters p = NONE;
        if (random_below(2)) write_biases(&p);
        write_text(&p);
        if (random_below(2)) p.repetition = random_between(0.75f, 1.5f);
        if (random_below(2)) p.frequency = random_between(-0.25f, 0.5f);
        if (random_below(2)) p.presence = random_between(-0.25f, 1);
        if (random_below(2)) p.temperature = random_between(0.5f, 1.5f);
        if (random_below(2)) p.top_k = 5 + random_below(TOKENS - 5);
        if (random_below(2)) p.typical_p = random_between(0.5f, 1);
        if (random_below(2)) p.top_p = random_between(0.5f, 1);
        if (random_below(2)) p.min_p = random_between(0.02f, 0.25f);
        print_case(p, row);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) return fprintf(stderr, "usage: samplers SOURCE\n"), 2;
    const float scales[ROWS] = {0.5f, 2, 4, 8};
    printf("{\"source\": \"%s: llama_sampler_apply of llama_sampler_init_logit_bias, _penalties (last %d tokens), _temp, _top_k, "
           "_typical, _top_p, _min_p (each keeps at least 1) and _dist, by src/jmh/peer/samplers.c\",\n\"rows\": [", argv[1], MOST_TEXT);
    for (int row = 0; row < ROWS; row++) {
        printf("%s\n[", row ? "," : "");
        for (int id = 0; id < TOKENS; id++) {
            rows[row][id] = random_logit(scales[row]);
            printf("%s%.9g", id ? ", " : "", rows[row][id]);
        }
        printf("]");
    }
    printf("],\n\"cases\": [");
    for (int row = 0; row < ROWS; row++) {
        print_single_ones(row);
        print_combinations(row);
    }
    printf("]}\n");
    return 0;
}
