{{/* Labels of every object. */}}
{{- define "labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Labels that select the members. */}}
{{- define "selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
component: server
{{- end }}

{{/* Ports of every Service. */}}
{{- define "ports" -}}
- name: http
  port: {{ .Values.server.service.port }}
  targetPort: {{ .Values.server.service.targetPort }}
- name: https-internal
  port: 8201
  targetPort: 8201
{{- end }}

{{/* A volume claim template; takes a dict with name and settings. */}}
{{- define "claim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: {{ .name }}
  spec:
    accessModes:
      - {{ .settings.accessMode }}
    resources:
      requests:
        storage: {{ .settings.size }}
    {{- with .settings.storageClass }}
    storageClassName: {{ . }}
    {{- end }}
{{- end }}
