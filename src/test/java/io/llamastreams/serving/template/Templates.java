package io.llamastreams.serving.template;

/** Chat templates as their models' tokenizer_config.json publish them. */
public final class Templates {

    /** meta-llama/Llama-2-7b-chat-hf. */
    public static final String LLAMA_2 =
            "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message ="
                    + " messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message ="
                    + " false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') !="
                    + " (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate"
                    + " user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message !="
                    + " false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' +"
                    + " message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if"
                    + " message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif"
                    + " message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{%"
                    + " endfor %}";

    /** mistralai/Mistral-7B-Instruct-v0.1. */
    public static final String MISTRAL =
            "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0)"
                    + " %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...')"
                    + " }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]'"
                    + " }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + ' ' }}{% else"
                    + " %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor"
                    + " %}";

    /** HuggingFaceH4/zephyr-7b-beta. */
    public static final String ZEPHYR =
            "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content']"
                    + " + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content']"
                    + " + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  +"
                    + " message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt"
                    + " %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}";

    /** The usual form of ChatML, as in transformers' documentation. */
    public static final String CHATML =
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] +"
                    + " '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{"
                    + " '<|im_start|>assistant\\n' }}{% endif %}";

    private Templates() {}
}
