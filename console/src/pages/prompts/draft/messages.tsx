import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useId, useRef } from "react";
import type { ReactNode } from "react";
import type { PromptProblem } from "../../../api/schema.gen.ts";
import { Mistakes } from "../../../parts/mistakes.tsx";
import { Section } from "../../../parts/page.tsx";
import { messagesOf, withMember } from "./document.ts";
import type { Message } from "./document.ts";
import css from "./draft.module.css";
import type { EditorProps } from "./editor-props.ts";
import { goTo } from "./json-text.tsx";
import { at } from "./places.ts";

/** The templates, in the order they are sent. */
export function Messages({ document, problems, isReadOnly, onChange }: EditorProps): ReactNode {
  const messages = messagesOf(document);
  const set = (next: readonly Message[]): void =>
    onChange(withMember(document, "messages", next.length === 0 ? undefined : next.map((each) => ({ ...each }))));
  const own = problems.filter(({ pointer }) => pointer === "/messages");
  return (
    <Section
      title="Messages"
      aside={
        !isReadOnly && (
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => set([...messages, { role: messages.length === 0 ? "system" : "user", content: "" }])}
          >
            Add a message
          </Button>
        )
      }
    >
      {messages.length === 0 && (
        <p className={css["dim"]}>None: the description is sent, and each input under its name.</p>
      )}
      <ol className={css["messages"]}>
        {messages.map((message, index) => (
          <MessageField
            key={`${index}`}
            message={message}
            index={index}
            problems={at(problems, `/messages/${index}`) as PromptProblem[]}
            isReadOnly={isReadOnly}
            onChange={(next) => set(messages.map((each, place) => (place === index ? next : each)))}
            onRemove={() => set(messages.filter((_, place) => place !== index))}
          />
        ))}
      </ol>
      <Mistakes mistakes={own} />
    </Section>
  );
}

interface MessageFieldProps {
  message: Message;
  index: number;
  problems: readonly PromptProblem[];
  isReadOnly: boolean;
  onChange(message: Message): void;
  onRemove(): void;
}

function MessageField({ message, index, problems, isReadOnly, onChange, onRemove }: MessageFieldProps): ReactNode {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const { role, content } = message;
  const label = `Message ${index + 1}`;
  return (
    <li>
      <div className={css["messageHead"]}>
        <NativeSelect
          aria-label={`Role of message ${index + 1}`}
          size="xs"
          disabled={isReadOnly}
          data={[...new Set(["system", "user", "assistant", role])]}
          value={role}
          onChange={({ currentTarget }) => onChange({ ...message, role: currentTarget.value })}
        />
        {!isReadOnly && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={onRemove}>
            Remove message {index + 1}
          </Button>
        )}
      </div>
      <Textarea
        ref={field}
        aria-label={label}
        aria-describedby={id}
        aria-invalid={problems.some(({ severity }) => severity === "error")}
        classNames={{ input: css["code"] ?? "" }}
        autosize
        minRows={3}
        maxRows={30}
        readOnly={isReadOnly}
        value={content}
        onChange={({ currentTarget }) => onChange({ ...message, content: currentTarget.value })}
      />
      <Mistakes
        id={id}
        mistakes={problems.map((each) => ({ ...each, line: each.text_line ?? null }))}
        onLine={(line) => goTo(field.current, line)}
      />
    </li>
  );
}
