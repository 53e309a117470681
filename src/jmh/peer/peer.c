// Speed of llama.cpp through its C interface: prompts, and batches of sequences that each have a context of their own.
//
//   peer MODEL THREADS RUNS NEW_TOKENS CONTEXT KV PROMPT,... BATCH,...      a JSON object per figure on standard output
//
// The rules are those of our own command "bench": random tokens, passes repeated for 1.5 seconds before the runs, a run that is
// over within 0.2 seconds repeated and counted as one, logits of all sequences (of a prompt's last token). The likeliest token
// is not looked for, which ours does. KV is f16 or f32; everything else is as the library has it by default: flash attention
// by its own choice, weights laid out anew where it does so. Threads last, as they do in llama.cpp's own programs.
#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <llama.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_ROWS = 512, MOST_RUNS = 1000, ROUNDING = 256 };

static const double WARM_UP_SECONDS = 1.5;
static const double LEAST_RUN_SECONDS = 0.2;

static struct llama_model *model;
static struct ggml_threadpool *workers;
static int vocabulary;
static int threads;
static int runs;
static enum ggml_type kv_type;

// One measurement: what is repeated to warm up, what is timed, and how many tokens that is.
struct task {
    struct llama_context *context;
    struct llama_batch batch;
    int sequences;
    int tokens_before;
    int steps;
    int prompt;
};

static void fail(const char *what) {
    fprintf(stderr, "peer: %s\n", what);
    exit(1);
}

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

// xorshift64*, so that every run has the same tokens
static llama_token random_token(void) {
    static uint64_t state = 0x9E3779B97F4A7C15u;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (llama_token) ((state * 0x2545F4914F6CDD1Du >> 33) % (uint64_t) vocabulary);
}

static void errors_only(enum ggml_log_level level, const char *text, void *data) {
    (void) data;
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

static void start_workers(void) {
    ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    if (cpu == NULL) {
        fail("no library for this processor was found");
    }
    // The library with these functions is the one that fits the processor, and is known only now.
    typedef struct ggml_threadpool *(*maker)(struct ggml_threadpool_params *);
    maker make = (maker) ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), "ggml_threadpool_new");
    if (make == NULL) {
        fail("the library makes no lasting threads");
    }
    struct ggml_threadpool_params params = ggml_threadpool_params_default(threads);
    workers = make(&params);
}

static struct llama_context *new_context(int sequences, int positions) {
    struct llama_context_params params = llama_context_default_params();
    int rounded = (positions + ROUNDING - 1) / ROUNDING * ROUNDING;
    params.n_ctx = (uint32_t) (sequences * rounded);
    params.n_batch = MOST_ROWS;
    params.n_ubatch = MOST_ROWS;
    params.n_seq_max = (uint32_t) sequences;
    params.n_threads = threads;
    params.n_threads_batch = threads;
    params.type_k = kv_type;
    params.type_v = kv_type;
    params.kv_unified = false;
    params.no_perf = true;
    struct llama_context *context = llama_init_from_model(model, params);
    if (context == NULL) {
        fail("no memory for the context");
    }
    llama_attach_threadpool(context, workers, workers);
    return context;
}

static void add(struct llama_batch *batch, int position, int sequence, bool wants_logits) {
    int row = batch->n_tokens++;
    batch->token[row] = random_token();
    batch->pos[row] = position;
    batch->n_seq_id[row] = 1;
    batch->seq_id[row][0] = sequence;
    batch->logits[row] = wants_logits;
}

static void compute(const struct task *task) {
    if (llama_decode(task->context, task->batch) != 0) {
        fail("a pass failed");
    }
    llama_synchronize(task->context);
}

static void compute_prompt(struct task *task, int tokens) {
    llama_memory_clear(llama_get_memory(task->context), false);
    for (int from = 0; from < tokens; from += MOST_ROWS) {
        int to = from + MOST_ROWS < tokens ? from + MOST_ROWS : tokens;
        task->batch.n_tokens = 0;
        for (int position = from; position < to; position++) {
            add(&task->batch, position, 0, position + 1 == tokens);
        }
        compute(task);
    }
}

static void forget_new_tokens(const struct task *task) {
    for (int sequence = 0; sequence < task->sequences; sequence++) {
        llama_memory_seq_rm(llama_get_memory(task->context), sequence, task->tokens_before, -1);
    }
}

static void compute_steps(struct task *task, int steps) {
    forget_new_tokens(task);
    for (int step = 0; step < steps; step++) {
        task->batch.n_tokens = 0;
        for (int sequence = 0; sequence < task->sequences; sequence++) {
            add(&task->batch, task->tokens_before + step, sequence, true);
        }
        compute(task);
    }
}

static void once(struct task *task, bool warm_up) {
    if (task->prompt > 0) {
        compute_prompt(task, task->prompt);
    } else {
        compute_steps(task, warm_up ? 1 : task->steps);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *) a;
    double y = *(const double *) b;
    return (x > y) - (x < y);
}

// Ends the line that somebody has begun with what was measured.
static void measure(struct task *task, double tokens) {
    static double speeds[MOST_RUNS];
    double began = seconds();
    do {
        once(task, true);
    } while (seconds() - began < WARM_UP_SECONDS);
    for (int run = 0; run < runs; run++) {
        began = seconds();
        double took;
        int times = 0;
        do {
            once(task, false);
            times++;
            took = seconds() - began;
        } while (took < LEAST_RUN_SECONDS);
        speeds[run] = tokens * times / took;
    }
    qsort(speeds, (size_t) runs, sizeof *speeds, ascending);
    double median = runs % 2 == 1 ? speeds[runs / 2] : (speeds[runs / 2 - 1] + speeds[runs / 2]) / 2;
    printf(",\"tokens_per_s\":%.3f,\"min\":%.3f,\"max\":%.3f,\"runs\":%d}\n", median, speeds[0], speeds[runs - 1], runs);
    fflush(stdout);
}

static void measure_prompt(int tokens) {
    struct task task = {new_context(1, tokens), llama_batch_init(MOST_ROWS, 0, 1), .sequences = 1, .prompt = tokens};
    printf("{\"metric\":\"prefill\",\"tokens\":%d", tokens);
    measure(&task, tokens);
    llama_batch_free(task.batch);
    llama_free(task.context);
}

static void measure_batch(int sequences, int tokens_before, int steps) {
    struct task task = {new_context(sequences, tokens_before + steps), llama_batch_init(MOST_ROWS, 0, 1),
                        .sequences = sequences, .tokens_before = tokens_before, .steps = steps};
    compute_prompt(&task, tokens_before);
    for (int sequence = 1; sequence < sequences; sequence++) {
        llama_memory_seq_cp(llama_get_memory(task.context), 0, sequence, -1, -1);
    }
    printf("{\"metric\":\"decode\",\"batch\":%d,\"context\":%d", sequences, tokens_before);
    measure(&task, (double) sequences * steps);
    llama_batch_free(task.batch);
    llama_free(task.context);
}

static void print_peak_memory(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long long kilobytes;
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmHWM: %lld", &kilobytes) == 1) {
            printf("{\"metric\":\"memory\",\"peak_rss_bytes\":%lld}\n", kilobytes * 1024);
        }
    }
}

static int number(const char *text, int least, int most) {
    int value = atoi(text);
    if (value < least || value > most) {
        fprintf(stderr, "peer: expected %d to %d, found %s\n", least, most, text);
        exit(2);
    }
    return value;
}

int main(int count, char **words) {
    if (count != 9) {
        fail("expected MODEL THREADS RUNS NEW_TOKENS CONTEXT KV PROMPT,... BATCH,...");
    }
    threads = number(words[2], 1, 1024);
    runs = number(words[3], 1, MOST_RUNS);
    int new_tokens = number(words[4], 1, 1 << 20);
    int tokens_before = number(words[5], 1, 1 << 20);
    kv_type = strcmp(words[6], "f32") == 0 ? GGML_TYPE_F32 : GGML_TYPE_F16;
    const char *libraries = getenv("LLAMA_LIBRARIES");
    if (libraries == NULL) {
        fail("expected LLAMA_LIBRARIES, the folder with libllama.so");
    }
    llama_log_set(errors_only, NULL);
    ggml_backend_load_all_from_path(libraries);
    llama_backend_init();
    struct llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    model = llama_model_load_from_file(words[1], params);
    if (model == NULL) {
        fail("the model cannot be loaded");
    }
    vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    start_workers();
    for (char *word = strtok(words[7], ","); word != NULL; word = strtok(NULL, ",")) {
        if (strcmp(word, "0") != 0) {
            measure_prompt(number(word, 1, 1 << 20));
        }
    }
    for (char *word = strtok(words[8], ","); word != NULL; word = strtok(NULL, ",")) {
        measure_batch(number(word, 1, MOST_ROWS), tokens_before, new_tokens);
    }
    print_peak_memory();
    fflush(stdout);
    // The library's own clean-up at exit is of no use here.
    _Exit(0);
}
