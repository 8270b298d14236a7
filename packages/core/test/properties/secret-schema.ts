/** `flyteidl.core.Secret` for another parser: the message of Flyte v1.15.0 and later, as a descriptor made at run time. */
import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

const { STRING, ENUM } = FieldDescriptorProto_Type;

const file = create(FileDescriptorProtoSchema, {
  name: "flyteidl/core/security.proto",
  package: "flyteidl.core",
  syntax: "proto3",
  messageType: [
    {
      name: "Secret",
      field: [
        field("group", 1, STRING),
        field("group_version", 2, STRING),
        field("key", 3, STRING),
        { ...field("mount_requirement", 4, ENUM), typeName: ".flyteidl.core.Secret.MountType" },
        field("env_var", 5, STRING),
      ],
      enumType: [{ name: "MountType", value: ["ANY", "ENV_VAR", "FILE"].map((name, number) => ({ name, number })) }],
    },
  ],
});

function field(name: string, number: number, type: FieldDescriptorProto_Type) {
  return { name, number, type, label: FieldDescriptorProto_Label.OPTIONAL, jsonName: jsonName(name) };
}

function jsonName(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export const SECRET_SCHEMA: DescMessage = secretSchema();

function secretSchema(): DescMessage {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const schema = registry.getMessage("flyteidl.core.Secret");
  if (schema === undefined) throw new Error("the schema has no Secret");
  return schema;
}
