// What llama.cpp makes of the tests' tiny model, through its C interface: one golden file on standard output. The command
// tiny-goldens beside this file calls it; how it is built and finds its libraries: peer.c, compare.
//
//   tiny tokens SOURCE MODEL.gguf < TEXTS.jsonl             token ids of texts, BOS first
//   tiny greedy SOURCE MODEL.gguf < PROMPTS.jsonl           the 64 likeliest ids behind each prompt
//   tiny logits SOURCE MODEL.gguf < PROMPTS.jsonl           all logits behind each prompt
//   tiny nll SOURCE F32.gguf F16.gguf Q8_0.gguf Q4_0.gguf < TEXTS.jsonl
//                                                           sum of -log p(id | ids before it), from the second id on
//   tiny bytes SOURCE F32.gguf F16.gguf Q8_0.gguf Q4_0.gguf sums of the tensors' bytes: 64-bit FNV-1a over all tensors in the
//                                                           order of their names
//   tiny quantise IN.gguf OUT.gguf TYPE                     another file of the model, by llama.cpp's quantiser: 0 f32, 1 f16,
//                                                           2 q4_0, 7 q8_0
//
// SOURCE says which release of llama.cpp it is. Standard input: {"text":"..."} in each line, UTF-8, no escapes but \n, \t, \"
// and \\. Keys and values as f32, no flash attention, one thread, a token at a time.
#include <llama.h>
#include <ggml-backend.h>
#include <gguf.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 512, LINE = 1 << 16, GREEDY = 64 };

static struct llama_model *model;
static struct llama_context *context;
static const struct llama_vocab *vocab;
static int vocabulary_size;

static void fail(const char *what) {
    fprintf(stderr, "tiny: %s\n", what);
    exit(1);
}

static void quiet(enum ggml_log_level level, const char *text, void *data) {
    (void)data;
    if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static void open_model(const char *path) {
    if (context) llama_free(context);
    if (model) llama_model_free(model);
    model = llama_model_load_from_file(path, llama_model_default_params());
    if (!model) fail("the model cannot be loaded");
    vocab = llama_model_get_vocab(model);
    vocabulary_size = llama_vocab_n_tokens(vocab);
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = CONTEXT;
    params.n_threads = params.n_threads_batch = 1;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    context = llama_init_from_model(model, params);
    if (!context) fail("no context");
}

static void quantise(const char *from, const char *to, int type) {
    struct llama_model_quantize_params params = llama_model_quantize_default_params();
    params.ftype = (enum llama_ftype)type;
    params.nthread = 1;
    if (llama_model_quantize(from, to, &params)) fail("quantise");
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint64_t sum_of_bytes(const char *path) {
    struct gguf_context *file = gguf_init_from_file(path, (struct gguf_init_params){.no_alloc = true});
    FILE *in = fopen(path, "rb");
    if (!file || !in) fail("the model cannot be read");
    int count = (int)gguf_get_n_tensors(file);
    const char *names[1024];
    if (count > 1024) fail("too many tensors");
    for (int i = 0; i < count; i++) names[i] = gguf_get_tensor_name(file, i);
    qsort(names, count, sizeof *names, by_name);
    uint64_t sum = 0xcbf29ce484222325u;
    for (int i = 0; i < count; i++) {
        int64_t tensor = gguf_find_tensor(file, names[i]);
        fseek(in, (long)(gguf_get_data_offset(file) + gguf_get_tensor_offset(file, tensor)), SEEK_SET);
        for (size_t left = gguf_get_tensor_size(file, tensor); left > 0; left--) {
            sum = (sum ^ (uint64_t)getc(in)) * 0x100000001b3u;
        }
    }
    fclose(in);
    gguf_free(file);
    return sum;
}

// The string behind "text":" in a line, as it stands there.
static char *escaped_text(char *line) {
    char *start = strstr(line, "\"text\":\"");
    if (!start) fail("expected \"text\" in each line");
    start += strlen("\"text\":\"");
    char *end = start;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    *end = 0;
    return start;
}

static void unescape(const char *json, char *text) {
    for (; *json; json++) {
        *text++ = *json != '\\' ? *json : *++json == 'n' ? '\n' : *json == 't' ? '\t' : *json;
    }
    *text = 0;
}

static const float *next(llama_token *ids, int from, int count) {
    for (int i = from; i < count; i++) {
        if (llama_decode(context, llama_batch_get_one(ids + i, 1))) fail("decode");
    }
    return llama_get_logits_ith(context, -1);
}

static int likeliest(const float *logits) {
    int best = 0;
    for (int i = 1; i < vocabulary_size; i++) best = logits[i] > logits[best] ? i : best;
    return best;
}

static double surprise(const float *logits, llama_token id) {
    double max = logits[likeliest(logits)], sum = 0;
    for (int i = 0; i < vocabulary_size; i++) sum += exp(logits[i] - max);
    return log(sum) + max - logits[id];
}

static double nll(llama_token *ids, int count) {
    double sum = 0;
    llama_memory_clear(llama_get_memory(context), true);
    for (int i = 0; i + 1 < count; i++) sum += surprise(next(ids, i, i + 1), ids[i + 1]);
    return sum;
}

static void print_ids(const char *name, const llama_token *ids, int count) {
    printf("\"%s\": [", name);
    for (int i = 0; i < count; i++) printf("%s%d", i ? ", " : "", ids[i]);
    printf("]");
}

int main(int argc, char **argv) {
    if (argc < 4) fail("usage: see the head of tiny.c");
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(getenv("LLAMA_LIBRARIES"));
    const char *what = argv[1];
    if (!strcmp(what, "quantise")) {
        if (argc != 5) fail("usage: see the head of tiny.c");
        quantise(argv[2], argv[3], atoi(argv[4]));
        return 0;
    }
    static const char *formats[] = {"f32", "f16", "q8_0", "q4_0"};
    if (!strcmp(what, "bytes")) {
        if (argc != 7) fail("usage: see the head of tiny.c");
        printf("{\"source\": \"%s\"", argv[2]);
        for (int f = 0; f < 4; f++) printf(",\n\"%s\": \"%016" PRIx64 "\"", formats[f], sum_of_bytes(argv[3 + f]));
        printf("}\n");
        return 0;
    }
    int likelihoods = !strcmp(what, "nll");
    if (argc != (likelihoods ? 7 : 4)) fail("usage: see the head of tiny.c");
    open_model(argv[3]);
    printf("{\"source\": \"%s\", \"cases\": [", argv[2]);
    static char line[LINE], text[LINE];
    for (int cases = 0; fgets(line, sizeof line, stdin); cases++) {
        char *escaped = escaped_text(line);
        unescape(escaped, text);
        llama_token ids[CONTEXT];
        int count = llama_tokenize(vocab, text, strlen(text), ids, CONTEXT - GREEDY, true, false);
        if (count <= 0) fail("a text that does not fit");
        printf("%s\n{\"text\": \"%s\", ", cases ? "," : "", escaped);
        llama_memory_clear(llama_get_memory(context), true);
        if (!strcmp(what, "tokens")) {
            print_ids("ids", ids, count);
        } else if (!strcmp(what, "greedy")) {
            llama_token made[GREEDY];
            const float *logits = next(ids, 0, count);
            double closest = INFINITY;
            for (int i = 0; i < GREEDY; i++) {
                made[i] = likeliest(logits);
                for (int k = 0; k < vocabulary_size; k++) {
                    if (k != made[i]) closest = fmin(closest, logits[made[i]] - logits[k]);
                }
                logits = next(made, i, i + 1);
            }
            print_ids("prompt", ids, count);
            printf(", ");
            print_ids("greedy", made, GREEDY);
            printf(", \"least_margin\": %.4f", closest);
        } else if (!strcmp(what, "logits")) {
            const float *logits = next(ids, 0, count);
            print_ids("prompt", ids, count);
            printf(", \"logits\": [");
            for (int i = 0; i < vocabulary_size; i++) printf("%s%.7g", i ? ", " : "", logits[i]);
            printf("]");
        } else if (likelihoods) {
            print_ids("ids", ids, count);
            printf(", \"tokens\": %d, \"nll\": {", count - 1);
            for (int f = 0; f < 4; f++) {
                open_model(argv[3 + f]);
                printf("%s\"%s\": %.9g", f ? ", " : "", formats[f], nll(ids, count));
            }
            printf("}");
        } else {
            fail("usage: see the head of tiny.c");
        }
        printf("}");
    }
    printf("\n]}\n");
    llama_free(context);
    llama_model_free(model);
}
