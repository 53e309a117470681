// What llama.cpp makes of prompts, through its C interface: the golden file of BuiltInModelGoldenTest.
//
//   java -jar target/llama-streams.jar tickets --count 30 |
//     jq -c '{id, text: ("[INST] <<SYS>>\n\(.messages[0].content)\n<</SYS>>\n\n\(.messages[1].content) [/INST]")}' |
//     greedy SOURCE MODEL.gguf > src/test/resources/io/llamastreams/app/command/built-in-llama.cpp.json
//
// SOURCE says which release of llama.cpp it is. Built like peer.c, with the same headers and libraries (see compare), and
// found by them in the same way: LLAMA_LIBRARIES is the folder that they lie in.
//
// Standard input: {"id": ..., "text": ...} in each line, UTF-8, no escapes but \n, \" and \\. Standard output: for each its token
// ids with BOS, and the ids that follow when the likeliest is taken each time, up to EOS. Keys and values as f32, no flash
// attention, one thread.
#include <llama.h>
#include <ggml-backend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 512, LINE = 1 << 16 };

static void fail(const char *what) {
    fprintf(stderr, "greedy: %s\n", what);
    exit(1);
}

static void quiet(enum ggml_log_level level, const char *text, void *data) {
    (void)data;
    if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

// The string behind "key":" in a line, as it stands there; its end is where the closing quote was.
static char *value(char *line, const char *key) {
    char *start = strstr(line, key);
    if (!start) fail("expected \"id\" and \"text\" in each line");
    start += strlen(key);
    char *end = start;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    *end = 0;
    return start;
}

static void unescape(const char *json, char *text) {
    for (; *json; json++) {
        *text++ = *json != '\\' ? *json : *++json == 'n' ? '\n' : *json;
    }
    *text = 0;
}

static void print_ids(const char *name, const llama_token *ids, int count) {
    printf(", \"%s\": [", name);
    for (int i = 0; i < count; i++) printf("%s%d", i ? ", " : "", ids[i]);
    printf("]");
}

static llama_token likeliest(const float *logits, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) best = logits[i] > logits[best] ? i : best;
    return best;
}

int main(int argc, char **argv) {
    if (argc != 3) fail("usage: greedy SOURCE MODEL.gguf < PROMPTS.jsonl");
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(getenv("LLAMA_LIBRARIES"));
    struct llama_model *model = llama_model_load_from_file(argv[2], llama_model_default_params());
    if (!model) fail("the model cannot be loaded");
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = CONTEXT;
    params.n_threads = params.n_threads_batch = 1;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    struct llama_context *context = llama_init_from_model(model, params);
    if (!context) fail("no context");

    printf("{\"source\": \"%s\", \"cases\": [", argv[1]);
    static char line[LINE], text[LINE];
    for (int cases = 0; fgets(line, sizeof line, stdin); cases++) {
        char *escaped = value(line, "\"text\":\"");
        char *id = value(line, "\"id\":\"");
        unescape(escaped, text);
        llama_token ids[CONTEXT];
        int prompt = llama_tokenize(vocab, text, strlen(text), ids, CONTEXT, true, false);
        if (prompt <= 0) fail("a prompt that does not fit");
        llama_memory_clear(llama_get_memory(context), true);
        int count = prompt, at = 0;
        while (ids[count - 1] != llama_vocab_eos(vocab)) {
            if (count == CONTEXT) fail("no EOS within the context");
            if (llama_decode(context, llama_batch_get_one(ids + at, count - at))) fail("decode");
            at = count;
            ids[count++] = likeliest(llama_get_logits_ith(context, -1), llama_vocab_n_tokens(vocab));
        }
        printf("%s\n{\"id\": \"%s\", \"text\": \"%s\"", cases ? "," : "", id, escaped);
        print_ids("prompt_ids", ids, prompt);
        print_ids("ids", ids + prompt, count - prompt);
        printf("}");
    }
    printf("\n]}\n");
    llama_free(context);
    llama_model_free(model);
}
